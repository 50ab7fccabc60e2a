import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import type { FileReceipt } from '../../../lambdas/core/file-receipt.ts';
import { buildReceiptKey } from '../../../lambdas/core/upload-key.ts';
import { findLostReceipts } from '../../../lambdas/shared/lost-receipts.ts';
import { uploaderPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { computeFileId } from '../../../lambdas/shared/upload-id.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const parent = temporaryDir();
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const ROW = '5f0c1f0e-0000-4000-8000-000000000001,SELL,Soap,1,1.00,1.20';
const KEY = 'incoming/store=main/retail_14_03_2025.csv';

let cloud: TestCloud;
beforeAll(async () => {
  const dir = await mkdtemp(join(parent, 'assembly-'));
  await synthesize(LOCAL_PROJECT, dir, {
    'retail:notifyFrom': 'receipts@example.com',
    'retail:notify': [
      { store: 'main', emails: ['shop@example.org'] },
      { store: 'oslo', emails: ['oslo@example.org'], when: 'problems' },
    ],
  });
  cloud = await TestCloud.start(dir);
});
afterAll(() => cloud?.stop());

/** Uploads a file, and returns its receipt once it is there, with its text. */
async function receiptFor(key: string, content: string): Promise<{ receipt: FileReceipt; text: string }> {
  const put = await cloud.put(key, content);
  await cloud.waitFor(put);
  const { versionId } = put;
  const file = { bucket: cloud.client.bucket, key, versionId };
  const name = {
    storeId: /store=(\w+)/.exec(key)![1]!,
    fileName: key.split('/').at(-1)!,
    fileId: computeFileId(file),
  };
  const receiptKey = buildReceiptKey(name, 1, 'json');
  await expect.poll(() => cloud.keys(receiptKey)).toEqual([receiptKey]);
  return {
    receipt: JSON.parse(await cloud.object(receiptKey)),
    text: await cloud.object(buildReceiptKey(name, 1, 'txt')),
  };
}

/** Files that the local cloud keeps of a service. */
function kept(folder: 'events' | 'mails'): Record<string, unknown>[] {
  const dir = join(cloud.dataDir, folder);
  return readdirSync(dir).map((name) => JSON.parse(readFileSync(join(dir, name), 'utf8')));
}

const isSent = async () => {
  const [row] = await cloud.rows<{ unsent: number }>(
    'SELECT count(*)::int AS unsent FROM ledger.outbox WHERE sent_at IS NULL',
  );
  return row!.unsent === 0;
};

test('a file has a receipt, an event and a mail', async () => {
  const { receipt, text } = await receiptFor(KEY, `${HEADER}\n${ROW}\nx,SELL,Soap,1,1.00,1.20\n`);
  expect(receipt).toMatchObject({
    version: 1,
    sequence: 1,
    status: 'complete',
    storeId: 'main',
    fileName: 'retail_14_03_2025.csv',
    key: KEY,
    rows: { read: 2, inserted: 1, duplicate: 0, conflicting: 0, rejected: 1 },
    days: { first: '2025-03-14', last: '2025-03-14' },
    rejects: { byCode: [{ code: 'id-not-uuid', rows: 1 }], first: [{ line: 3, code: 'id-not-uuid' }] },
  });
  expect(text).toMatch(/^Your file arrived: retail_14_03_2025\.csv, 2 rows, 1 to correct\n/);
  await expect.poll(() => kept('mails').length).toBe(1);
  expect(kept('mails')[0]).toMatchObject({
    FromEmailAddress: 'receipts@example.com',
    Destination: { ToAddresses: ['shop@example.org'] },
    Content: {
      Simple: {
        Subject: { Data: 'main: Your file arrived: retail_14_03_2025.csv, 2 rows, 1 to correct' },
        Body: { Text: { Data: text } },
      },
    },
  });
  expect(kept('events')).toMatchObject([
    { source: 'retail-dev', 'detail-type': 'Upload complete', detail: receipt, time: receipt.completedAt },
  ]);
  await expect.poll(isSent).toBe(true);
});

test('a refused file has a receipt with the reason', async () => {
  const { receipt } = await receiptFor('incoming/store=oslo/retail_15_03_2025.csv', 'not a table\n');
  expect(receipt).toMatchObject({ status: 'failed', storeId: 'oslo', failure: { code: expect.any(String) } });
  await expect
    .poll(() => kept('mails').map(({ Destination }) => Destination))
    .toContainEqual({ ToAddresses: ['oslo@example.org'] });
  expect(kept('events').map((event) => event['detail-type'])).toContain('Upload failed');
});

test('a store that wants problems only gets no mail about a file without any', async () => {
  const mails = kept('mails').length;
  const { receipt } = await receiptFor(
    'incoming/store=oslo/retail_16_03_2025.csv',
    `${HEADER}\n${ROW.replace('0001,', '0002,')}\n`,
  );
  expect(receipt.rows).toMatchObject({ read: 1, inserted: 1 });
  await expect.poll(isSent).toBe(true);
  expect(kept('mails')).toHaveLength(mails);
});

test('the same receipt after the database was lost is not told again', async () => {
  await expect.poll(isSent).toBe(true);
  const [mails, events] = [kept('mails').length, kept('events').length];
  const keys = await cloud.keys('receipts/');
  const owner = await cloud.connectAs('retail_migrator');
  // A rebuild does the same: the file is read for the first time, and its notice has another id.
  await owner.query(
    `DELETE FROM ledger.outbox WHERE upload_id IN (SELECT upload_id FROM ledger.uploads WHERE object_key = '${KEY}')`,
  );
  const { rows } = await owner.query<{ id: string }>(
    'SELECT upload_id AS id, ledger.announce(upload_id, upload_id) FROM ledger.uploads WHERE object_key = $1',
    [KEY],
  );
  await owner.query(
    "UPDATE ledger.outbox SET created_at = created_at - interval '1 day' WHERE sent_at IS NULL",
  );
  await owner.end();
  expect(rows).toHaveLength(1);
  await cloud.cloud.invoke('sweep');
  await expect.poll(isSent).toBe(true);
  expect([kept('mails').length, kept('events').length]).toEqual([mails, events]);
  expect(await cloud.keys('receipts/')).toEqual(keys);
});

test('verify and the verifier name a file that its receipt calls complete and the database does not have', async () => {
  const key = KEY.replace('14_03', '17_03');
  const { receipt } = await receiptFor(key, `${HEADER}\n${ROW.replace('0001,', '0003,')}\n`);
  const { client } = cloud;
  const search = {
    s3: client.s3,
    bucketName: client.bucket,
    query: client.rows.bind(client),
  };
  const lost = () => findLostReceipts(search);
  expect(await lost()).toEqual([]);
  await expect.poll(isSent).toBe(true);
  const owner = await cloud.connectAs('retail_migrator');
  for (const table of ['outbox', 'batches', 'uploads']) {
    await owner.query(`DELETE FROM ledger.${table} WHERE upload_id = $1`, [receipt.uploadId]);
  }
  await owner.query('DELETE FROM transactions WHERE upload_id = $1', [receipt.uploadId]);
  await owner.end();
  expect(await lost()).toMatchObject([{ key, text: expect.stringContaining('was complete at') }]);
  expect(await findLostReceipts({ ...search, reported: new Set([`${receipt.versionId} ${key}`]) })).toEqual(
    [],
  );
  expect(await findLostReceipts({ ...search, since: new Date(Date.now() + 60_000) })).toEqual([]);
  const { differences } = (await cloud.cloud.invoke('verify')) as { differences: unknown[] };
  expect(differences).toMatchObject([{ key, text: expect.stringContaining('was complete at') }]);
});

test('an uploader reads the receipts of its own store only', async () => {
  const accessKeyId = accessKeyOf(
    cloud.cloud.running.outputs[uploaderPolicyOutput('main')]!.split('/').at(-1)!,
  );
  const credentials = { accessKeyId, secretAccessKey: cloud.cloud.keys.secretOf(accessKeyId) };
  const s3 = new S3Client({ ...cloud.client.access.connection, credentials });
  const Bucket = cloud.client.bucket;
  const list = (Prefix: string) => s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket, Key }));
  const { Contents = [] } = await list('receipts/store=main/retail_14');
  expect(Contents).toHaveLength(2);
  await get(Contents[0]!.Key!);
  const [other] = await cloud.keys('receipts/store=oslo/');
  await expect(get(other!)).rejects.toThrow('not authorized');
  for (const prefix of ['receipts/store=oslo/', 'receipts/', '']) {
    await expect(list(prefix)).rejects.toThrow('not authorized');
  }
  s3.destroy();
});
