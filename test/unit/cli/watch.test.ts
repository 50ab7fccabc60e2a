import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createIo } from '../../../cli/output/console.ts';
import { ShopFolder } from '../../../cli/watch/folder.ts';
import { ShopBucket } from '../../../cli/watch/shop-bucket.ts';
import { Watcher } from '../../../cli/watch/watcher.ts';
import type { FileReceipt } from '../../../lambdas/core/file-receipt.ts';
import { buildReceiptKey } from '../../../lambdas/core/upload-key.ts';
import { computeFileId } from '../../../lambdas/shared/upload-id.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const client = new S3Client();
const s3 = mockClient(client);
let folder: string;
let lines: string[];
/** Objects that the uploader put, by key: the contents of their versions. */
let objects: Map<string, string[]>;
/** Receipts in the bucket, by key. */
let receipts: Map<string, { receipt: FileReceipt; time: Date }>;
/** Result of the rows of an uploaded file; undefined while the pipeline does not answer. */
let resultOf: (content: string) => Partial<FileReceipt['rows']> | undefined;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeEach(async () => {
  folder = temporaryDir();
  await new ShopFolder(folder).prepare();
  [lines, objects, receipts, resultOf] = [[], new Map(), new Map(), () => ({ inserted: 1 })];
  s3.reset();
  s3.on(PutObjectCommand).callsFake(async (input: PutObjectCommandInput) => {
    const content = Buffer.concat(await (input.Body as Readable).toArray());
    const versions = objects.get(input.Key!) ?? [];
    if (input.IfNoneMatch === '*' && versions.length > 0) {
      throw Object.assign(new Error('exists'), { $metadata: { httpStatusCode: 412 } });
    }
    objects.set(input.Key!, [...versions, content.toString()]);
    const VersionId = `v${versions.length + 1}`;
    answer(input.Key!, VersionId, content.toString());
    return { VersionId };
  });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }: { Prefix: string }) => ({
    Contents: [...receipts]
      .filter(([key]) => key.startsWith(Prefix))
      .map(([Key, { time }]) => ({ Key, LastModified: time })),
  }));
  s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => ({
    Body: { transformToString: async () => JSON.stringify(receipts.get(Key)!.receipt) },
  }));
});
afterEach(stopWatching);

/** Writes the receipt of an object version, as the pipeline does when its rows are loaded. */
function answer(key: string, versionId: string, content: string): void {
  const result = resultOf(content);
  if (result === undefined) return;
  const fileName = key.split('/').at(-1)!;
  const fileId = computeFileId({ bucket: 'b', key, versionId });
  const rows = { read: 1, inserted: 0, duplicate: 0, conflicting: 0, rejected: 0, ...result };
  const receipt = { version: 1, sequence: 1, status: 'complete', fileName, key, versionId, fileId, rows };
  const time = new Date(1_700_000_000_000 + receipts.size);
  const full = {
    receivedAt: time.toISOString(),
    completedAt: time.toISOString(),
    storeId: 'oslo',
    ...receipt,
  };
  receipts.set(buildReceiptKey({ storeId: 'oslo', fileName, fileId }, 1, 'json'), {
    receipt: full as unknown as FileReceipt,
    time,
  });
}

function watch(settleMilliseconds = 20): void {
  stop = new AbortController();
  const print = (text: string) => void lines.push(text.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/, ''));
  const io = createIo({ print, note: print, showProgress: () => undefined });
  const bucket = new ShopBucket(client, 'b', 'oslo');
  const watcher = new Watcher(new ShopFolder(folder), bucket, io, settleMilliseconds, 10);
  running = watcher.run(stop.signal);
}

async function stopWatching(): Promise<void> {
  stop?.abort();
  await running;
  running = undefined;
}

const save = (name: string, content: string) => writeFileSync(join(folder, name), content);
const names = (path = '.') => readdirSync(join(folder, path)).sort();
const filesOnly = () => names().filter((name) => !['sent', 'problems'].includes(name));
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8');
const puts = () => s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => input);

test('a saved file is uploaded under its name and moves to "sent" with its receipt', async () => {
  watch();
  save('retail_15_03_2025.csv', 'good');
  await expect
    .poll(() => names('sent'))
    .toEqual(['retail_15_03_2025.csv', 'retail_15_03_2025.csv.receipt.txt']);
  expect(puts()).toMatchObject([
    {
      Bucket: 'b',
      Key: expect.stringMatching(/^incoming\/store=oslo\/[0-9a-f]{16}\/retail_15_03_2025\.csv$/),
      IfNoneMatch: '*',
      ContentLength: 4,
    },
  ]);
  expect(read('sent', 'retail_15_03_2025.csv')).toBe('good');
  expect(read('sent', 'retail_15_03_2025.csv.receipt.txt')).toContain('1 row');
  expect(filesOnly()).toEqual([]);
  expect(lines.at(-1)).toBe('Your file arrived: retail_15_03_2025.csv, 1 row → sent/retail_15_03_2025.csv');
});

test.each<[string, Partial<FileReceipt['rows']>]>([
  ['rejected', { rejected: 1 }],
  ['conflicting', { conflicting: 1 }],
])(
  'a file with %s rows moves to "problems", and is uploaded again when it is saved again',
  async (_, rows) => {
    resultOf = () => rows;
    watch();
    save('a.csv', 'bad');
    await expect.poll(() => names('problems')).toEqual(['a.csv', 'a.csv.receipt.txt']);
    resultOf = () => ({ duplicate: 1 });
    save('a.csv', 'bad');
    await expect.poll(() => names('sent')).toEqual(['a.csv', 'a.csv.receipt.txt']);
    expect([...objects.values()]).toEqual([['bad', 'bad']]);
  },
);

test('the same content again is not uploaded again, and other content with the same name is', async () => {
  watch();
  for (const content of ['one', 'one', 'two']) {
    save('a.csv', content);
    await expect.poll(filesOnly).toEqual([]);
  }
  expect([...objects.values()]).toEqual([['one'], ['two']]);
  expect(names('sent').filter((name) => !name.endsWith('.txt'))).toEqual(
    ['a.csv', expect.stringMatching(/^a-[0-9a-f]{8}\.csv$/)].sort(),
  );
});

test('a file whose rows were taken out is loaded again when it is saved again', async () => {
  watch();
  save('a.csv', 'one');
  await expect.poll(filesOnly).toEqual([]);
  const [key, entry] = [...receipts][0]!;
  receipts.set(key.replace('.json', '-2.json'), {
    receipt: { ...entry.receipt, sequence: 2, rows: { ...entry.receipt.rows, inserted: 0 } },
    time: new Date(entry.time.getTime() + 1),
  });
  save('a.csv', 'one');
  await expect.poll(filesOnly).toEqual([]);
  expect([...objects.values()]).toEqual([['one', 'one']]);
});

test('a file is complete when it no longer changes, and unfinished and foreign files stay', async () => {
  watch(150);
  const others = [
    '.hidden.csv',
    '~$a.csv',
    'a.csv.part',
    'b.tmp',
    'c.csv~',
    'photo.jpg',
    'old.xls',
    'link.csv',
  ];
  for (const name of others.slice(0, -1)) save(name, 'x');
  symlinkSync('/etc/passwd', join(folder, 'link.csv'));
  mkdirSync(join(folder, 'sub.csv'));
  save('empty.csv', '');
  let content = '';
  for (let part = 0; part < 8; part++) {
    content += `${part}`;
    save('growing.csv', content);
    await sleep(50);
    expect(puts()).toEqual([]);
  }
  await expect.poll(() => names('sent')).toContain('growing.csv');
  expect([...objects.values()]).toEqual([[content]]);
  expect(filesOnly()).toEqual([...others, 'empty.csv', 'sub.csv'].sort());
  const said = lines.filter((line) => line.includes('not a file that the pipeline reads'));
  expect(said.map((line) => line.split(' ')[0]).sort()).toEqual(['link.csv', 'old.xls', 'photo.jpg']);
  expect(said).toContainEqual(expect.stringMatching(/^old.xls is not .*: save it as .xlsx/));
});

test.each([
  ['its upload', { inserted: 1 }],
  ['its wait', undefined],
])('a file that changes during %s is uploaded as it is then', async (_, first) => {
  let saves = 0;
  resultOf = (content) => {
    if (saves++ === 0) save('a.csv', 'second');
    return content === 'first' ? first : { inserted: 1 };
  };
  save('a.csv', 'first');
  watch();
  await expect.poll(() => names('sent')).toContain('a.csv');
  expect(read('sent', 'a.csv')).toBe('second');
  expect([...objects.values()].flat()).toEqual(['first', 'second']);
});

test('after a stop between upload and move, the next start uploads nothing and moves the file', async () => {
  resultOf = () => undefined;
  watch();
  save('a.csv', 'one');
  await expect.poll(() => objects.size).toBe(1);
  await stopWatching();
  const [key] = objects.keys();
  resultOf = () => ({ inserted: 1 });
  answer(key!, 'v1', 'one');
  watch();
  await expect.poll(() => names('sent')).toContain('a.csv');
  expect([...objects.values()]).toEqual([['one']]);
});

test('while the network is away, it says so once and tries again', async () => {
  watch();
  let failures = 3;
  const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  s3.on(ListObjectsV2Command).callsFake(({ Prefix }: { Prefix: string }) => {
    if (failures-- > 0) throw away();
    const found = [...receipts].filter(([key]) => key.startsWith(Prefix));
    return { Contents: found.map(([Key, { time }]) => ({ Key, LastModified: time })) };
  });
  save('a.csv', 'one');
  await expect.poll(() => names('sent'), { timeout: 5_000 }).toContain('a.csv');
  expect(lines.filter((line) => /Trying|Connected/.test(line))).toEqual([
    'Trying again until it works: connect ECONNREFUSED.',
    'Connected again.',
  ]);
  expect([...objects.values()]).toEqual([['one']]);
});

test('an error that does not pass ends the watch', async () => {
  s3.on(PutObjectCommand).rejects(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: {} }));
  save('a.csv', 'one');
  watch();
  await expect(running).rejects.toThrow('no');
  running = undefined;
  expect(filesOnly()).toEqual(['a.csv']);
});

test('hostile names are uploaded and printed without harm', async () => {
  const hostile = [
    '$(touch x).csv',
    'a\nb\u001b[2J.csv',
    '-rf.csv',
    'store=paris.csv',
    `${'ü'.repeat(125)}.csv`,
  ];
  for (const name of hostile) save(name, name);
  watch();
  await expect.poll(filesOnly, { timeout: 5_000 }).toEqual([]);
  expect([...objects.keys()].map((key) => key.split('/').slice(0, 2).join('/'))).toEqual(
    hostile.map(() => 'incoming/store=oslo'),
  );
  expect(names('sent').filter((name) => !name.endsWith('.receipt.txt'))).toEqual([...hostile].sort());
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no terminal may see them
  expect(lines.join('')).not.toMatch(/[\n\u001b]/);
});

// The user root may read every file.
test.skipIf(process.getuid?.() === 0)('a file that cannot be read yet is taken when it can be', async () => {
  save('a.csv', 'one');
  execFileSync('chmod', ['000', join(folder, 'a.csv')]);
  watch();
  await expect.poll(() => lines).toContain('a.csv cannot be read or moved yet (EACCES).');
  execFileSync('chmod', ['600', join(folder, 'a.csv')]);
  utimesSync(join(folder, 'a.csv'), new Date(), new Date());
  await expect.poll(() => names('sent')).toContain('a.csv');
});

test('the longest names have receipts, and room for other content', async () => {
  const name = `${'ü'.repeat(125)}.csv`;
  watch();
  for (const content of ['one', 'two']) {
    save(name, content);
    await expect.poll(filesOnly).toEqual([]);
  }
  const kinds = names('sent').map((each) => each.replaceAll('ü', '').replace(/[0-9a-f]{8}/, 'N'));
  expect(kinds.sort()).toEqual(['-N.csv', '-N.csv.receipt.txt', '-N.receipt.txt', '.csv']);
});
