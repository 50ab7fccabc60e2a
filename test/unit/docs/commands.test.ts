import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import cdkJson from '../../../cdk.json' with { type: 'json' };
import { createProgram, createTerminalContext } from '../../../cli/main.ts';
import { SettingsSchema } from '../../../lib/settings/schema.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { createTools } from '../../../tools/main.ts';

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'docs/deploy.md',
  'docs/reliability.md',
  'docs/usage.md',
  'docs/costs.md',
  'docs/performance.md',
];
const STAGES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = cdkJson.context['retail:stages'];
const CDK_COMMANDS = ['bootstrap', 'deploy', 'destroy', 'diff', 'synth'];
const root = new URL('../../../', import.meta.url);

/** Returns every command of a document: those in its shell blocks, one per line, and those quoted in its text. */
async function readCommands(document: string): Promise<string[]> {
  const text = await readFile(new URL(document, root), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
  const inText = [...text.matchAll(/`((?:npx cdk|npm run|retail) [^`|]+)`/g)].map((match) => match[1]!);
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  return [...lines, ...inText]
    .flatMap((line) => line.split('&&'))
    .map((line) => line.replace(/#.*/, '').trim());
}

const commands = (
  await Promise.all(DOCUMENTS.map(async (document) => ({ document, all: await readCommands(document) })))
).flatMap(({ document, all }) => all.map((command) => [command, document] as const));
const starting = (prefix: RegExp) => commands.filter(([command]) => prefix.test(command));

test('the documents contain commands to check', () => {
  expect(starting(/^npx cdk /).length).toBeGreaterThan(15);
  expect(starting(/^npx retail /).length).toBeGreaterThan(15);
});

test.each(starting(/^(npx retail|retail) /))(
  '%s (%s) uses an existing command and existing options',
  (line) => {
    const typed = line.replace(/^(npx retail|retail) /, '').replace(/[[\]]/g, '');
    const [name, ...args] = typed.split(/\s+/);
    const command = createProgram(createTerminalContext(async () => undefined)).commands.find(
      (candidate) => candidate.name() === name,
    );
    expect(command, `there is no command ${name}`).toBeDefined();
    const known = command!.options.map(({ long }) => long);
    expect(args.filter((arg) => arg.startsWith('--') && !known.includes(arg))).toEqual([]);
    const stage = args[args.indexOf('--stage') + 1];
    if (args.includes('--stage') && /^[a-z]+$/.test(stage!)) expect(Object.keys(STAGES)).toContain(stage);
    for (const sample of args.filter((arg) => arg.startsWith('samples'))) {
      expect(existsSync(new URL(sample, root)), sample).toBe(true);
    }
  },
);

test.each(starting(/^npm run /))('%s (%s) runs an existing script', (line) => {
  const name = line
    .split(/\s+/)
    .slice(2)
    .find((word) => !word.startsWith('-'))!;
  expect(Object.keys(packageJson.scripts)).toContain(name);
});

test.each(starting(/^npm run (access|bench|chaos|cost|generate) -- /))(
  '%s (%s) uses existing options of a tool',
  (line) => {
    const [, , name, , ...args] = line.split(/\s+/);
    const tool = createTools().commands.find((candidate) => candidate.name() === name)!;
    const known = tool.options.map(({ long }) => long);
    expect(args.filter((arg) => arg.startsWith('--') && !known.includes(arg))).toEqual([]);
  },
);

test.each(starting(/^npx cdk /))('%s (%s) uses existing stages and settings', (line) => {
  expect(CDK_COMMANDS).toContain(line.split(/\s+/)[2]);
  for (const [, name, value] of line.matchAll(/(?:-c|--context) ([\w:]+)=(\S+)/g)) {
    if (name === 'stage') expect([...Object.keys(STAGES), 'NAME']).toContain(value);
    else expect(Object.keys(SettingsSchema.shape).map((key) => `retail:${key}`)).toContain(name);
  }
});

test('docs/deploy.md lists every setting with its value in each stage', async () => {
  const text = await readFile(new URL('docs/deploy.md', root), 'utf8');
  const cell = (value: unknown) => (value === undefined ? '–' : `\`${JSON.stringify(value)}\``);
  for (const name of new Set(Object.values(STAGES).flatMap((settings) => Object.keys(settings)))) {
    const values = Object.values(STAGES).map((settings) => cell(settings[name]));
    expect(text).toContain(`| \`${name}\` | ${values.join(' | ')} |`);
  }
});

test('docs/deploy.md quotes error messages as the program prints them', async () => {
  const text = await readFile(new URL('docs/deploy.md', root), 'utf8');
  const section = text.slice(text.indexOf('| message | action |'), text.indexOf('The same commands work'));
  const quoted = [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]!);
  expect(quoted.length).toBeGreaterThan(4);
  const sources = await Promise.all(
    ['cli/aws/explain-error.ts', 'cli/stage-access.ts'].map((path) => readFile(new URL(path, root), 'utf8')),
  );
  for (const message of quoted) {
    for (const part of message
      .split('…')
      .map((piece) => piece.trim())
      .filter(Boolean)) {
      expect(sources.join('\n')).toContain(part);
    }
  }
});
