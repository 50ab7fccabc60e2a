import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { readCloudModel } from '../../../local/assembly/read-cloud-model.ts';
import { generateCsv } from '../../../tools/generator/generator.ts';
import { TestCloud } from '../../support/test-cloud.ts';

let cloud: TestCloud;
let sqs: SQSClient;
beforeAll(async () => {
  cloud = await TestCloud.start();
  sqs = new SQSClient(cloud.client.access.connection);
});
afterAll(async () => {
  sqs?.destroy();
  await cloud?.stop();
});

async function uploadQueueUrl(): Promise<string> {
  const model = await readCloudModel(
    inject('assemblyDir'),
    cloud.cloud.running.endpoint,
    LOCAL_PROJECT.leftOutStacks,
  );
  return model.queues.find(({ arn }) => arn === model.notifications[0]!.queueArn)!.url;
}

const snapshot = () =>
  cloud.rows(`SELECT (SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM transactions AS t) AS transactions,
                     (SELECT md5(string_agg(u::text, '|' ORDER BY u.upload_id)) FROM ledger.uploads AS u) AS uploads,
                     (SELECT count(*)::int FROM ledger.batches) AS batches`);

test('an event delivered three times loads its object once', async () => {
  const csv = [...generateCsv({ rows: 30_000, seed: 8, date: '2024-04-01', days: 1, broken: 20 })].join('');
  const upload = await cloud.put('incoming/store=main/retail_01_04_2024.csv', csv);
  await cloud.waitFor(upload);
  const before = await snapshot();
  const event = {
    Records: [
      {
        eventTime: '2024-04-02T00:00:00.000Z',
        s3: { bucket: { name: upload.bucket }, object: { key: upload.key, versionId: upload.versionId } },
      },
    ],
  };
  for (let copy = 0; copy < 2; copy++) {
    await sqs.send(
      new SendMessageCommand({ QueueUrl: await uploadQueueUrl(), MessageBody: JSON.stringify(event) }),
    );
  }
  // A later upload shows that the parser has received them.
  await cloud.load('incoming/store=main/retail_02_04_2024.csv', 'id\n');
  await expect.poll(() => parsesOf(upload.uploadId)).toBeGreaterThanOrEqual(3);
  const [{ transactions, batches }] = (await snapshot()) as [{ transactions: string; batches: number }];
  expect({ transactions, batches: batches - 1 }).toEqual({
    transactions: before[0]!.transactions,
    batches: before[0]!.batches,
  });
});

/** How often the parser said that it parsed an upload. */
async function parsesOf(uploadId: string): Promise<number> {
  return (await cloud.logs('parse')).filter(
    (line) => line.includes(uploadId) && line.includes('upload parsed'),
  ).length;
}

test('an object that is overwritten while it waits is loaded in both versions', async () => {
  const row = (number: number) => `00000000-0000-4000-8000-00000000000${number},SELL,Soap,1,1.00,1.20\n`;
  const header = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
  const key = 'incoming/store=main/retail_03_04_2024.csv';
  const first = await cloud.put(key, header + row(1));
  const second = await cloud.put(key, header + row(1) + row(2));
  const entries = [await cloud.waitFor(first), await cloud.waitFor(second)];
  expect(entries.map(({ rowsRead, status }) => ({ rowsRead, status }))).toEqual([
    { rowsRead: 1, status: 'complete' },
    { rowsRead: 2, status: 'complete' },
  ]);
  expect(entries.reduce((sum, { rowsInserted }) => sum + rowsInserted, 0)).toBe(2);
});
