import { cp, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { RulesDocument } from '../../../lambdas/core/rules.ts';
import { parserRevision } from '../../../lib/pipeline/revision.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();
const RULES: RulesDocument = {
  rules: { taxToleranceCents: 0, dateOrder: 'dmy', unknownColumns: 'ignore' },
  taxes: [{ name: 'standard', percent: '20' }],
  returns: { '*': 'accept' },
  profiles: [],
};
const LIMITS = { maxMessageBytes: 1_048_576, maxUnpackedMiB: 10_240, maxRejectedRows: 1_000_000 };
let before: string;

beforeAll(() => {
  before = parserRevision(RULES, LIMITS);
});

/** Computes the revision of a copy of the project in which one file has another text. */
async function revisionWith(path: string, change: (text: string) => string): Promise<string> {
  const root = await mkdtemp(join(parent, 'project-'));
  await cp('lambdas', join(root, 'lambdas'), { recursive: true });
  // Its type decides how esbuild imports CommonJS modules.
  await cp('package.json', join(root, 'package.json'));
  const isLibrary = path.startsWith('node_modules/');
  if (isLibrary) {
    for (const name of ['papaparse', 'yauzl', 'pend', 'saxes', 'xmlchars', '@noble/hashes']) {
      await cp(`node_modules/${name}`, join(root, 'node_modules', name), { recursive: true });
    }
  } else {
    await symlink(join(process.cwd(), 'node_modules'), join(root, 'node_modules'));
  }
  const text = await readFile(path, 'utf8');
  const changed = change(text);
  expect(changed, `${path} is unchanged`).not.toBe(text);
  await writeFile(join(root, path), changed);
  return parserRevision(RULES, LIMITS, root);
}

test('two folders with the same sources have the same revision', async () => {
  const comment = '/** A comment. */\n';
  expect(await revisionWith('lambdas/core/upload-key.ts', (text) => comment + text)).toBe(before);
});

test.each([
  ['a tax', { taxes: [{ name: 'standard', percent: '19' }] }, {}],
  ['the treatment of returns', { returns: { '*': 'reject' } }, {}],
  ['the known stores', { knownStores: ['main'] }, {}],
  ['the treatment of unknown columns', { rules: { ...RULES.rules, unknownColumns: 'refuse' } }, {}],
  ['the largest message', {}, { maxMessageBytes: 1_048_575 }],
  ['the maximum size of a file', {}, { maxUnpackedMiB: 10_241 }],
  ['the limit of rejected rows', {}, { maxRejectedRows: 1_000_001 }],
] as const)('another value for %s changes the second part of the revision only', (_, rules, limits) => {
  const [code, settings] = parserRevision({ ...RULES, ...rules }, { ...LIMITS, ...limits }).split('-');
  expect([code, settings]).toEqual([before.split('-')[0], expect.stringMatching(/^[0-9a-f]{8}$/)]);
  expect(settings).not.toBe(before.split('-')[1]);
});

test.each([
  ['a rule of the core', 'lambdas/core/upload-key.ts', (text: string) => text.replace('{0,62}', '{0,61}')],
  [
    'the code that unpacks',
    'lambdas/core/archive/archived-files.ts',
    (text: string) => text.replace('MAX_ENTRIES = 200', 'MAX_ENTRIES = 201'),
  ],
  [
    'papaparse',
    'node_modules/papaparse/papaparse.js',
    (text: string) => text.replace('skipEmptyLines', 'skipEmptyLine'),
  ],
])('a change of %s changes the first part of the revision only', async (_, path, change) => {
  const [code, settings] = (await revisionWith(path, change)).split('-');
  expect(code).not.toBe(before.split('-')[0]);
  expect(settings).toBe(before.split('-')[1]);
});

test.each([
  [
    'a comment',
    'lambdas/core/upload-key.ts',
    (text: string) => text.replaceAll(/^export/gm, '// Why.\nexport'),
  ],
  ['whitespace', 'lambdas/core/upload-key.ts', (text: string) => text.replaceAll('\n', '\n\n')],
  [
    'the variables of another function',
    'lambdas/sweep/environment.ts',
    (text: string) => `${text}export const NEW = 1;\n`,
  ],
  [
    'the code of another function',
    'lambdas/load/index.ts',
    (text: string) => `${text}export const NEW = 1;\n`,
  ],
  [
    'the reader of environments',
    'lambdas/shared/environment.ts',
    (text: string) => `${text}export const NEW = 1;\n`,
  ],
  ['the names of metrics', 'lambdas/shared/metrics.ts', (text: string) => `${text}export const NEW = 1;\n`],
])('a change of %s does not change the revision', async (_, path, change) => {
  expect(await revisionWith(path, change)).toBe(before);
});
