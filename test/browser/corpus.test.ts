import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeMessage, type RowBatch } from '../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES, type Rules } from '../../lambdas/core/rules.ts';
import { checkFile } from '../../lambdas/parse/check-file.ts';
import { CHROMIUM, launchChromium } from '../../tools/chromium.ts';
import { makeZip } from '../../tools/make-zip.ts';
import { zip } from '../corpus/make/archives.ts';
import { type CorpusFile, makeCorpus } from '../corpus/make/corpus.ts';

const LIMITS = { maxMessageBytes: 20_000, maxUnpackedMiB: 4, maxRejectedRows: 1_000 };
const UNKNOWN_ID = '00000000-0000-8000-8000-000000000000';
const ENTRY = `
import { readBatches } from './console/worker/read-batches.ts';
import { encodeMessage } from './lambdas/core/row-batch.ts';
globalThis.readAll = async (base64, reading) => {
  const messages = [];
  for await (const batch of readBatches(new Blob([Uint8Array.fromBase64(base64)]), { ...reading, onRead() {} })) {
    // A refusal takes the place of the batches before it.
    if (batch.batch === 1 && batch.closing?.failure?.code === 'too-many-rejected-rows') messages.length = 0;
    messages.push(encodeMessage(batch));
  }
  return messages;
};`;

let browser: Browser;
let page: Page;
let folder: string | undefined;
beforeAll(async () => {
  if (CHROMIUM === undefined) return;
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
  });
  browser = await launchChromium();
  page = await browser.newPage();
  await page.addScriptTag({ content: outputFiles[0]!.text });
  folder = await mkdtemp(join(tmpdir(), 'retail-browser-corpus-'));
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  await browser?.close();
});

/** Reads a file as the deployed parser does in Node.js. Ids are those of a file that is not uploaded. */
async function readInNode(bytes: Buffer, key: string, rules: Rules) {
  const { taxes, returns, isKnownStore, profile, ...others } = rules;
  const profiles = profile === undefined ? [] : [{ stores: ['main'], profile }];
  const document = { rules: others, taxes, returns: { '*': returns }, profiles };
  const path = join(folder!, 'file');
  await writeFile(path, bytes);
  const messages: string[] = [];
  let receivedAt = '';
  await checkFile({ path, key }, { document, limits: LIMITS }, async (batch) => {
    receivedAt = batch.upload.receivedAt;
    messages.push(
      encodeMessage(batch)
        .replace(batch.upload.uploadId, UNKNOWN_ID)
        .replace(batch.upload.fileId, UNKNOWN_ID)
        .replace(/(\/unpacked\/[^/]*\.zip-)[0-9a-f]{8}/, '$100000000'),
    );
  });
  return { messages, receivedAt };
}

async function readInBrowser(
  bytes: Buffer,
  key: string,
  rules: Rules,
  receivedAt: string,
): Promise<string[]> {
  const reading = { key, rules, receivedAt, limits: LIMITS };
  return page.evaluate(
    ([base64, given]) =>
      (globalThis as unknown as { readAll(base64: string, reading: unknown): Promise<string[]> }).readAll(
        base64,
        given,
      ),
    [bytes.toString('base64'), reading] as const,
  );
}

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const row = (index: number, category = 'SELL') =>
  `00000000-0000-4000-8000-${String(index).padStart(12, '0')},${category},Soap,1,1.00,1.20\n`;
const rows = (count: number, category?: string) =>
  Buffer.from(HEADER + Array.from({ length: count }, (_, index) => row(index, category)).join(''));
const corpusFile = (path: string) => makeCorpus().find((file) => file.path === path)!.bytes;

/** Files that the corpus does not have: long ones, archives in archives, and those that break a limit. */
const OTHERS: readonly Pick<CorpusFile, 'path' | 'bytes'>[] = [
  { path: 'retail_01_02_2025.csv', bytes: rows(3_000) },
  { path: 'retail_02_02_2025.csv', bytes: rows(1_200, 'LEND') },
  { path: 'retail_03_02_2025.csv', bytes: Buffer.alloc(4 * 1_048_576 + 1, 'a') },
  { path: 'nothing.csv', bytes: Buffer.alloc(0) },
  {
    path: 'retail_04_02_2025.zip',
    bytes: makeZip([
      { name: 'one.csv', content: rows(900) },
      { name: 'two.csv.gz', content: corpusFile('archives/gzip-members.csv.gz') },
      { name: 'three.xlsx', content: corpusFile('workbooks/plain.xlsx') },
      { name: 'four.zip', content: corpusFile('archives/zip-two-files.zip') },
    ]),
  },
  { path: 'bomb.zip', bytes: makeZip([{ name: 'bomb.csv', content: Buffer.alloc(5 * 1_048_576) }]) },
  {
    path: 'long-name.zip',
    bytes: makeZip([
      { name: `${'n'.repeat(1_000)}.csv`, content: rows(1) },
      { name: 'other.csv', content: rows(1) },
    ]),
  },
];

const PLAIN = zip({ name: 'a.csv', content: rows(2) }, { name: 'b.csv', content: rows(1), method: 0 });
const ONE = zip({ name: 'a.csv', content: rows(2) });
/** Changes a number of the end of the directory of an archive. */
const withEnd = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(value, bytes.length - 22 + at);
  return copy;
};
/** Archives that libraries read differently: many of them repair what the parser refuses. */
const DAMAGED: Readonly<Record<string, Buffer>> = {
  'bytes-before': Buffer.concat([PLAIN.subarray(0, 40), PLAIN]),
  'archive-before': Buffer.concat([ONE, PLAIN]),
  'program-before': Buffer.concat([Buffer.from('MZ'.repeat(40)), PLAIN]),
  'bytes-after': Buffer.concat([PLAIN, Buffer.from('more')]),
  'wrong-checksum': zip({ name: 'a.csv', content: rows(2), checksum: 1 }),
  'wrong-checksum-of-second': zip(
    { name: 'a.csv', content: rows(1) },
    { name: 'b.csv', content: rows(2), checksum: 1 },
  ),
  'names-twice': zip({ name: 'a.csv', content: rows(1) }, { name: 'a.csv', content: rows(2) }),
  'names-twice-by-folder': zip({ name: 'a.csv', content: rows(1) }, { name: './a.csv', content: rows(2) }),
  'no-directory': PLAIN.subarray(0, -22),
  'half-directory': Buffer.concat([PLAIN.subarray(0, -60), PLAIN.subarray(-22)]),
  'truncated-file': PLAIN.subarray(0, -1),
  'fewer-entries': withEnd(PLAIN, 10, 1),
  'more-entries': withEnd(PLAIN, 10, 3),
  'no-entries': withEnd(PLAIN, 10, 0),
  'several-disks': withEnd(PLAIN, 4, 1),
  'directory-after-the-end': withEnd(PLAIN, 18, 0xff),
  zip64: zip({ name: 'a.csv', content: rows(2), isZip64: true }),
  'zip64-without-sizes': Buffer.from(
    zip({ name: 'a.csv', content: rows(2), isZip64: true })
      .toString('latin1')
      .replaceAll('\x01\0\x10\0', '\x02\0\x10\0'),
    'latin1',
  ),
  encrypted: zip({ name: 'a.csv', content: rows(2), flags: 1 }),
  'encrypted-second': zip({ name: 'a.csv', content: rows(1) }, { name: 'b.csv', content: rows(2), flags: 1 }),
  'unknown-method': zip({ name: 'a.csv', content: rows(2), method: 12 }),
  'sizes-after-the-data': zip({ name: 'a.csv', content: rows(2), flags: 8 }),
  'leads-out': zip({ name: '../a.csv', content: rows(1) }),
  drive: zip({ name: 'C:a.csv', content: rows(1) }),
  'other-alphabet': zip({ name: 'Übersicht/a.csv', content: rows(1) }, { name: 'b.csv', content: rows(1) }),
  'workbook-with-bytes-before': Buffer.concat([PLAIN.subarray(0, 40), corpusFile('workbooks/plain.xlsx')]),
};

test.skipIf(CHROMIUM === undefined).each([
  ...makeCorpus().map(({ path, bytes, expected }) => ({
    path,
    bytes,
    name: expected.key,
    rules: expected.rules,
  })),
  ...OTHERS.map(({ path, bytes }) => ({ path, bytes, name: path, rules: {} })),
  ...Object.entries(DAMAGED).map(([path, bytes]) => ({ path, bytes, name: `${path}.zip`, rules: {} })),
])('$path gives the same messages in Chromium and in Node.js', async ({ bytes, name, rules }) => {
  const key = `incoming/store=main/${name}`;
  const all = { ...DEFAULT_RULES, ...rules };
  const { messages, receivedAt } = await readInNode(bytes, key, all);
  expect(await readInBrowser(bytes, key, all, receivedAt)).toEqual(messages);
});

const readFailure = (message: string) => {
  const { closing } = JSON.parse(message) as RowBatch;
  return closing?.failure?.message ?? 'accepted';
};

test.skipIf(CHROMIUM === undefined)(
  'an archive in which any byte is changed, or which ends anywhere, gives the same messages in both',
  async () => {
    const archive = zip({ name: 'a.csv', content: Buffer.from(HEADER + row(1)) });
    const key = 'incoming/store=main/retail_05_02_2025.zip';
    const differences: object[] = [];
    for (let at = 4; at < archive.length; at++) {
      const changed = Buffer.from(archive);
      changed[at]! ^= 0xff;
      for (const bytes of [changed, archive.subarray(0, at)]) {
        const { messages, receivedAt } = await readInNode(bytes, key, DEFAULT_RULES);
        const read = await readInBrowser(bytes, key, DEFAULT_RULES, receivedAt);
        const [inNode, inBrowser] = [messages, read].map((all) => all.map(readFailure).join());
        if (JSON.stringify(read) !== JSON.stringify(messages)) differences.push({ at, inNode, inBrowser });
      }
    }
    expect(differences).toEqual([]);
  },
);
