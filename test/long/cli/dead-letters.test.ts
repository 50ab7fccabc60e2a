import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudClient } from '../../../cli/cloud-client.ts';
import { localAccess } from '../../../cli/local-access.ts';
import { computeFileId, computeUploadId } from '../../../lambdas/shared/upload-id.ts';
import { buildS3Event } from '../../../lambdas/shared/upload-message.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { runRetail, startUp } from '../../support/run-retail.ts';

let dir: string;
let dataDir: string;
let up: Awaited<ReturnType<typeof startUp>>;
let sqs: SQSClient;
let outputs: Readonly<Record<string, string>>;
const retail = (...args: string[]) => runRetail(...args, '--data-dir', dataDir);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-letters-'));
  dataDir = join(dir, 'data');
  up = await startUp(dataDir);
  const running = new DataDirectory(dataDir).readRunning()!;
  outputs = running.outputs;
  sqs = new SQSClient(localAccess(running).connection);
});
afterAll(async () => {
  sqs.destroy();
  up.child.kill('SIGINT');
  await up.outcome;
  await rm(dir, { recursive: true, force: true });
});

const send = (queue: string, MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: outputs[queue]!, MessageBody }));

async function listed() {
  return JSON.parse((await retail('dlq', '--json')).stdout).deadLetters as Record<string, string>[];
}

test('without dead-letter messages dlq and redrive exit with 0', async () => {
  expect(await retail('dlq')).toMatchObject({ code: 0, stdout: 'No dead-letter messages.\n' });
  expect(await retail('redrive', '--all')).toMatchObject({ code: 0, stdout: 'No dead-letter messages.\n' });
});

test('a message that no function can handle is listed with its reason, each time', async () => {
  await send('UploadQueueUrl', '{"hello":1}');
  await expect.poll(listed).toHaveLength(1);
  const { code, stdout } = await retail('dlq');
  expect(code).toBe(3);
  expect(stdout).toContain('PermanentError: ');
  expect(stdout).toMatch(/^[0-9a-f]{8} +uploads +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\{"hello":1\}$/m);
});

test('a call that the collector cannot handle is listed, and discarded with a reason for its receipt', async () => {
  const receipt = '01234567-89ab-8def-8123-456789abcdef';
  await send('CallDeadLetterQueueUrl', `{"version":1,"storeId":"main","receipt":"${receipt}","items":2}\n{}`);
  const about = `call ${receipt} of the store main, 2 items`;
  const findCalls = async () => (await listed()).filter(({ queue }) => queue === 'calls');
  expect(await findCalls()).toMatchObject([{ about }]);
  const save = join(dir, 'calls.ndjson');
  const options = ['--queue', 'calls', '--all', '--reason', 'test', '--save', save];
  const { code, stdout } = await retail('discard', ...options);
  const [key = ''] = /incoming\/store=main\/api\/[\d-]{10}\/discarded-.*\.ndjson/.exec(stdout) ?? [];
  expect([code, key]).toEqual([0, expect.stringContaining(receipt)]);
  expect(await readFile(save, 'utf8')).toContain(receipt);
  expect(await findCalls()).toEqual([]);
  const find = `SELECT CAST(ledger.find_receipt('${receipt}', 'main') AS text) AS result`;
  const failure = {
    status: 'failed',
    failureCode: 'call-discarded',
    failureMessage: 'An operator discarded the calls of this file: test',
  };
  const client = new CloudClient(localAccess(new DataDirectory(dataDir).readRunning()!));
  await expect
    .poll(async () => JSON.parse(String((await client.query(find))[0]!.result)), { timeout: 20_000 })
    .toMatchObject(failure);
  client.close();
});

test('more dead-letter messages than one call returns are all listed', async () => {
  for (let number = 0; number < 23; number++) {
    await send('RowDeadLetterQueueUrl', JSON.stringify({ upload: { key: 'incoming/a.csv' }, batch: number }));
  }
  const rows = (await listed()).filter(({ queue }) => queue === 'rows');
  expect(new Set(rows.map(({ id }) => id)).size).toBe(23);
  expect(rows.map(({ about }) => about)).toContain('incoming/a.csv, batch 22');
  expect(rows[0]!.reason).toContain('Received too many times');
});

test('a message that is sent back is handled, and the others stay', async () => {
  const key = 'incoming/store=main/retail_01_01_2024.csv';
  const object = {
    bucket: outputs.UploadBucketName!,
    key,
    versionId: 'gone',
    receivedAt: '2024-01-01T00:00:00Z',
  };
  await send('UploadDeadLetterQueueUrl', JSON.stringify(buildS3Event(object)));
  const letter = (await listed()).find(({ about }) => about === key)!;
  const others = (await listed()).length - 1;
  const { code, stdout } = await retail('redrive', letter.id!.slice(0, 8));
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Sent ${letter.id!.slice(0, 8)} back to the uploads queue: ${key}\n`,
  });
  expect(await listed()).toHaveLength(others);
  await expect.poll(() => uploadOf(key)).toMatchObject({ failureCode: 'object-deleted' });
});

test('redrive --all sends all back, and those that still fail return', async () => {
  expect((await retail('redrive', '--all')).code).toBe(0);
  await expect.poll(async () => (await listed()).length).toBe(24);
  expect((await listed()).find(({ queue }) => queue === 'rows')!.reason).toContain('DatabaseErrorException');
});

test('an id that no message has is refused', async () => {
  expect(await retail('redrive', 'zzzz')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no dead-letter message has an id that begins with "zzzz"'),
  });
});

const discardArgs = (...args: string[]) => [
  'discard',
  ...args,
  '--reason',
  'made by a faulty tool',
  '--save',
];
const uploadOf = async (key: string) =>
  (JSON.parse((await retail('uploads', '--json')).stdout).uploads as Record<string, unknown>[]).find(
    (upload) => upload.key === key,
  );

test('a discarded message is kept in a file, and its upload ends as failed with the reason', async () => {
  const key = 'incoming/store=main/retail_02_01_2024.csv';
  const object = { bucket: outputs.UploadBucketName!, key, versionId: 'v', revision: 'r' };
  const receivedAt = '2024-01-02T00:00:00Z';
  const ids = { uploadId: computeUploadId(object), fileId: computeFileId(object) };
  const upload = { ...object, ...ids, storeId: 'main', receivedAt };
  const body = JSON.stringify({ version: 1, upload, batch: 7, rowCount: 'seven' });
  await send('RowDeadLetterQueueUrl', body);
  const letter = (await listed()).find(({ about }) => about === `${key}, batch 7`)!;
  const others = (await listed()).length - 1;
  const file = join(dir, 'discarded.ndjson');
  const { code, stdout } = await retail(...discardArgs(letter.id!), file);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(`ends as failed: ${key}`) });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    id: letter.id,
    discardReason: 'made by a faulty tool',
    body,
  });
  expect(await listed()).toHaveLength(others);
  await expect
    .poll(() => uploadOf(key))
    .toMatchObject({
      status: 'failed',
      failureCode: 'message-discarded',
      failureMessage: 'An operator discarded a message of this upload: made by a faulty tool',
    });
});

test('the event of an object is discarded like its batches', async () => {
  const key = 'incoming/store=main/retail_03_01_2024.csv';
  const receivedAt = '2024-01-03T00:00:00Z';
  const object = { bucket: outputs.UploadBucketName!, key, versionId: 'v', receivedAt };
  await send('UploadDeadLetterQueueUrl', JSON.stringify(buildS3Event(object)));
  const letter = (await listed()).find(({ about }) => about === key)!;
  expect((await retail(...discardArgs(letter.id!), join(dir, 'event.ndjson'))).code).toBe(0);
  await expect.poll(() => uploadOf(key)).toMatchObject({ failureCode: 'message-discarded' });
});

test('nothing is discarded if the file cannot be written', async () => {
  const before = (await listed()).length;
  const { code, stderr } = await retail(...discardArgs('--all'), dir);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('No message was deleted') });
  expect(await listed()).toHaveLength(before);
});

test('all messages of one queue are discarded, and each is kept', async () => {
  const before = await listed();
  const rows = before.filter(({ queue }) => queue === 'rows').length;
  const file = join(dir, 'all.ndjson');
  expect((await retail(...discardArgs('--all', '--queue', 'rows'), file)).code).toBe(0);
  expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(rows);
  expect(await listed()).toHaveLength(before.length - rows);
});
