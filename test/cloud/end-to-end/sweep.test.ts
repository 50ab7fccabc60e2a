import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../../lambdas/core/rules.ts';
import { computeFileId } from '../../../lambdas/shared/upload-id.ts';
import type { FunctionCall } from '../../../local/faults/fault-plan.ts';
import { generateCsv } from '../../../tools/generator/generator.ts';
import { load } from '../../support/batches.ts';
import { letTimePass } from '../../support/let-time-pass.ts';
import { parseAll } from '../../support/parse-all.ts';
import { runRetail } from '../../support/run-retail.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import { changedAssembly } from './changed-assembly.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const MAX_MESSAGE_BYTES = 20_000;
/** Longer than any test: the time passes only where a test lets it. */
const AFTER_SECONDS = 600;
const row = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Soap,1,1.00,1.20\n`;

let cloud: TestCloud;
/** Keys of which the events are lost. */
let isLost: (key: string) => boolean;
let sweeperCalls: FunctionCall[];
beforeAll(async () => {
  const assemblyDir = await changedAssembly([
    [/"(LOST|STUCK)_AFTER_SECONDS": "\d+"/g, `"$1_AFTER_SECONDS": "${AFTER_SECONDS}"`],
    [/"MAX_MESSAGE_BYTES": "\d+"/, `"MAX_MESSAGE_BYTES": "${MAX_MESSAGE_BYTES}"`],
  ]);
  cloud = await TestCloud.start(assemblyDir, {
    faults: {
      onEvent: ({ key }) => (isLost(key) ? 'lost' : undefined),
      onCall(call) {
        if (call.functionName.includes('sweep')) sweeperCalls.push(call);
        return undefined;
      },
    },
  });
});
afterAll(() => cloud?.stop());
beforeEach(() => {
  isLost = () => false;
  sweeperCalls = [];
});

const sweep = () => cloud.cloud.invoke('sweep');
const untilDue = () => letTimePass(cloud, AFTER_SECONDS);
const callsOf = (action: string) => sweeperCalls.filter((call) => call.action === action).length;

/** Sweeps twice, with the time between in which an object counts as lost. */
async function sweepTwice(): Promise<unknown> {
  await sweep();
  await untilDue();
  return sweep();
}

/** Reasons for which objects are remembered, by key. */
async function remembered(prefix: string): Promise<Record<string, string>> {
  const rows = await cloud.rows<{ object_key: string; reason: string }>(
    'SELECT object_key, reason FROM ledger.unfinished_objects WHERE starts_with(object_key, $1)',
    [prefix],
  );
  return Object.fromEntries(rows.map(({ object_key, reason }) => [object_key, reason]));
}

describe('an object whose event is lost', () => {
  test('is found, sent to the parser after the configured time, and loaded once', async () => {
    const key = 'incoming/store=oslo/retail_01_05_2024 + ü.csv';
    isLost = (name) => name === key;
    const upload = await cloud.put(key, HEADER + row(1) + row(2));
    expect(await sweep()).toMatchObject({ lost: 0, stuck: 0, unsent: 0 });
    expect(await remembered(key)).toEqual({ [key]: 'lost' });
    expect(callsOf('SendMessage')).toBe(0);
    await untilDue();
    expect(await sweep()).toMatchObject({ lost: 1, stuck: 0 });
    const finding = { kind: 'lost', store: 'oslo', fileName: 'retail_01_05_2024 + ü.csv' };
    expect(JSON.parse(await cloud.object('checks/sweep.json'))).toMatchObject({
      counts: { files: 1, compared: 1, lost: 1, stuck: 0, unsent: 0 },
      findings: [{ ...finding, text: expect.stringContaining('was not in the ledger') }],
    });
    const entry = await cloud.waitFor(upload);
    expect(entry).toMatchObject({ status: 'complete', storeId: 'oslo', rowsRead: 2, rowsInserted: 2 });
    expect(await sweep()).toMatchObject({ lost: 0, stuck: 0, unsent: 0 });
    expect(await remembered(key)).toEqual({});
    const found = await cloud.rows('SELECT count(*)::int AS rows FROM transactions WHERE upload_id = $1', [
      upload.uploadId,
    ]);
    expect(found).toEqual([{ rows: 2 }]);
  });

  test('is not sent again while the parser may still be working on it', async () => {
    const key = 'incoming/store=main/retail_02_05_2024.csv';
    isLost = (name) => name === key;
    const upload = await cloud.put(key, HEADER + row(10));
    expect(await sweepTwice()).toMatchObject({ lost: 1 });
    expect(await sweep()).toMatchObject({ lost: 0 });
    expect(callsOf('SendMessage')).toBe(1);
    await cloud.waitFor(upload);
  });

  test('is also found if it is an overwritten version', async () => {
    const key = 'incoming/store=main/retail_03_05_2024.csv';
    isLost = (name) => name === key;
    const first = await cloud.put(key, HEADER + row(20));
    isLost = () => false;
    const second = await cloud.load(key, HEADER + row(20) + row(21));
    expect(second).toMatchObject({ status: 'complete', rowsInserted: 2 });
    expect(await sweepTwice()).toMatchObject({ lost: 1 });
    expect(await cloud.waitFor(first)).toMatchObject({ status: 'complete', rowsInserted: 1 });
    // The row belongs to the earlier version, which came later.
    expect(await cloud.waitFor(second)).toMatchObject({ rowsInserted: 1, rowsDuplicate: 1 });
  });

  test('is refused if its key has characters that PostgreSQL or XML cannot have, and stops no other object', async () => {
    const names = ['nul\0.csv', 'nul\0.csv.gz', '\u0001\u001b[31m.csv', 'last\uffff.csv', 'a+b %25&<.csv'];
    isLost = () => true;
    const versions: string[] = [];
    for (const name of names) {
      const Key = `incoming/store=odd/${name}`;
      const Body = HEADER + row(30);
      const { VersionId } = await cloud.s3.send(
        new PutObjectCommand({ Bucket: cloud.client.bucket, Key, Body }),
      );
      versions.push(VersionId!);
    }
    const good = await cloud.put('incoming/store=odd/retail_03_05_2024.csv', HEADER + row(31));
    const named = await runRetail('verify', '--data-dir', cloud.dataDir);
    expect(named).toMatchObject({ code: 1, stderr: '' });
    expect(named.stdout).toContain(`version ${versions[0]}, uploaded`);
    expect(await sweepTwice()).toMatchObject({ lost: names.length + 1 });
    expect(await cloud.waitFor(good)).toMatchObject({ status: 'complete', rowsInserted: 1 });
    const codes = () =>
      cloud.rows('SELECT failure_code AS code, store_id FROM ledger.uploads WHERE version_id = ANY ($1)', [
        versions,
      ]);
    await expect.poll(codes).toHaveLength(names.length);
    const sorted = (await codes()).map((entry) => JSON.stringify(entry)).sort();
    const failure = (code: string) => JSON.stringify({ code, store_id: 'odd' });
    const [refused, undated] = [failure('key-invalid'), failure('date-unknown')];
    expect(sorted).toEqual([undated, undated, undated, refused, refused]);
    expect(await sweep()).toMatchObject({ lost: 0 });
    expect(await remembered('incoming/store=odd/')).toEqual({});
    const again = await runRetail('replay', 'incoming/store=odd/', '--data-dir', cloud.dataDir);
    expect(again).toMatchObject({ code: 0, stdout: 'Nothing to replay.\n' });
    expect(await runRetail('verify', '--data-dir', cloud.dataDir)).toMatchObject({ code: 0 });
  });

  test('is ignored if its key ends with a slash, which consoles use for folders', async () => {
    const Key = 'incoming/store=folder/';
    isLost = (name) => name.startsWith(Key);
    await cloud.s3.send(new PutObjectCommand({ Bucket: cloud.client.bucket, Key, Body: Buffer.alloc(0) }));
    const upload = await cloud.put(`${Key}retail_04_05_2024.csv`, HEADER);
    await sweep();
    expect(await remembered(Key)).toEqual({ [upload.key]: 'lost' });
    await untilDue();
    expect(await sweep()).toMatchObject({ lost: 1 });
    await cloud.waitFor(upload);
  });

  test('is ignored if it is outside incoming/', async () => {
    await cloud.put('rejected/store=main/retail_05_05_2024.csv', HEADER);
    await sweep();
    expect(await remembered('rejected/')).toEqual({});
  });
});

test('an upload that misses a batch for too long is parsed again and becomes complete', async () => {
  const key = 'incoming/store=main/retail_06_05_2024.csv';
  isLost = (name) => name === key;
  const csv = [...generateCsv({ rows: 500, seed: 3, date: '2024-05-06', days: 1, broken: 3 })].join('');
  const { uploadId, bucket, versionId } = await cloud.put(key, csv);
  // One batch came through, and the parser and its message are no more.
  const revision = cloud.cloud.running.outputs.ParserRevision!;
  const upload = {
    uploadId,
    fileId: computeFileId({ bucket, key, versionId }),
    bucket,
    key,
    versionId,
    revision,
    storeId: 'main',
    receivedAt: '2024-05-06T00:00:00.000Z',
  };
  const settings = {
    rules: DEFAULT_RULES,
    maxMessageBytes: MAX_MESSAGE_BYTES,
  };
  const { batches } = await parseAll(upload, [Buffer.from(csv)], settings);
  expect(batches.length).toBeGreaterThan(2);
  const loader = await cloud.connectAs('retail_loader');
  await load(loader, batches[1]!).finally(() => loader.end());
  expect(await sweep()).toMatchObject({ stuck: 0 });
  await untilDue();
  expect(await sweep()).toMatchObject({ stuck: 1, lost: 0 });
  expect(await cloud.waitFor({ uploadId, bucket, key, versionId })).toMatchObject({
    status: 'complete',
    rowsRead: 500,
    rowsInserted: 497,
    rowsRejected: 3,
  });
  expect(await sweep()).toMatchObject({ stuck: 0 });
});

test('nothing is sent if every object is loaded', async () => {
  await cloud.load('incoming/store=main/retail_07_05_2024.csv', HEADER + row(30));
  const result = await sweepTwice();
  const [{ uploads }] = (await cloud.rows('SELECT count(*)::int AS uploads FROM ledger.uploads')) as [
    { uploads: number },
  ];
  expect(result).toEqual({ versionsListed: uploads, compared: uploads, lost: 0, stuck: 0, unsent: 0 });
  expect(callsOf('SendMessage')).toBe(0);
});
