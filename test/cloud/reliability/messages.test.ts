import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Batcher } from '../../../lambdas/core/batches/batcher.ts';
import { encodeMessage, type RowBatch, type Upload } from '../../../lambdas/core/row-batch.ts';
import { joinRevision, splitRevision } from '../../../lambdas/shared/upload-id.ts';
import { encodeCheckpoint } from '../../../lambdas/shared/upload-message.ts';
import { drainQueue } from '../../../tools/chaos/clients.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';
import { valuesOf } from '../../support/upload-fixture.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
});
afterAll(() => cloud?.stop());

const send = (QueueUrl: string, MessageBody: string) =>
  cloud.clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));

function uploadOf(number: number, more: Partial<Upload> = {}): Upload {
  const uploadId = `00000000-0000-8000-8000-${String(number).padStart(12, '0')}`;
  return {
    uploadId,
    fileId: uploadId,
    bucket: cloud.clients.outputs.bucketName,
    key: `incoming/store=messages/retail_01_01_2024_${number}.csv`,
    versionId: `v${number}`,
    storeId: 'messages',
    revision: 'r1',
    receivedAt: '2024-01-01T00:00:00.000Z',
    ...more,
  };
}

/** The whole of an upload of one row. */
function batchOf(upload: Upload): RowBatch {
  const batcher = new Batcher(upload, { date: '2024-01-01', header: 'id' }, 100_000);
  const id = upload.uploadId.replace('-8000-8000-', '-4000-8000-');
  batcher.addRow(2, valuesOf({ id }));
  return batcher.close({ rowsRead: 1 });
}

const statusOf = async ({ uploadId }: Upload) =>
  (await cloud.clients.database.query('SELECT status FROM ledger.uploads WHERE upload_id = $1', [uploadId]))
    .rows[0]?.status;

async function deadLetters(QueueUrl: string) {
  const { Messages = [] } = await cloud.clients.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      VisibilityTimeout: 0,
    }),
  );
  return Messages.map(({ Body, MessageAttributes }) => ({
    body: Body,
    reason: MessageAttributes?.reason?.StringValue,
  }));
}

describe('poison', () => {
  test('on the upload queue is dead-lettered after one attempt, with its reason', async () => {
    cloud.begin();
    await send(cloud.clients.outputs.uploadQueueUrl, '{"hello":1}');
    await cloud.drop(cloud.makeFile(20));
    await expect
      .poll(() => deadLetters(cloud.clients.outputs.uploadDeadLetterQueueUrl))
      .toEqual([{ body: '{"hello":1}', reason: expect.stringContaining('no Records') }]);
    await cloud.expectAccounted(['{"hello":1}']);
  });

  test.each([
    ['no JSON', 'hello', 'SQLState: 22P02'],
    ['rows that are not as many as it says', undefined, 'says 7 rows and has 1'],
  ])('on the row queue: %s', async (_what, text, reason) => {
    cloud.begin();
    const body = text ?? encodeMessage({ ...batchOf(uploadOf(1)), rowCount: 7 });
    await send(cloud.clients.outputs.rowQueueUrl, body);
    await expect
      .poll(() => deadLetters(cloud.clients.outputs.rowDeadLetterQueueUrl))
      .toEqual([{ body, reason: expect.stringContaining(reason) }]);
    await drainQueue(cloud.clients.sqs, cloud.clients.outputs.rowDeadLetterQueueUrl);
    await cloud.expectAccounted();
  });
});

describe('a message of another version of the code', () => {
  test('a batch of an older parser, without revision and header, is loaded', async () => {
    cloud.begin();
    const upload = uploadOf(10);
    const { header: _, ...older } = batchOf(upload);
    const { revision: __, ...olderUpload } = upload;
    await send(cloud.clients.outputs.rowQueueUrl, encodeMessage({ ...older, upload: olderUpload as Upload }));
    await expect.poll(() => statusOf(upload)).toBe('complete');
  });

  test('a batch of a format that no migration knows yet waits for the migration, and is loaded then', async () => {
    cloud.begin();
    const upload = uploadOf(11);
    await send(
      cloud.clients.outputs.rowQueueUrl,
      encodeMessage({ ...batchOf(upload), version: 2 as RowBatch['version'] }),
    );
    const refused = async () =>
      (await cloud.logs('load')).filter(({ kind, error }) => {
        const { message = '' } = Object(error) as { message?: string };
        return kind === 'transient' && message.includes('format version 2');
      }).length;
    await expect.poll(refused).toBeGreaterThan(2);
    expect(await deadLetters(cloud.clients.outputs.rowDeadLetterQueueUrl)).toEqual([]);
    // A migration would do the same.
    const owner = await cloud.connectAs('retail_migrator');
    const { rows } = await owner.query(
      `SELECT pg_get_functiondef('ledger.load_batch(json)'::regprocedure) AS sql`,
    );
    await owner.query(rows[0].sql.replace("m.version <> '1'", "m.version NOT IN ('1', '2')"));
    await expect.poll(() => statusOf(upload)).toBe('complete');
    await owner.query(rows[0].sql);
    await owner.end();
  });

  test('an upload that another revision of the parser started is parsed again from the start, and superseded', async () => {
    cloud.begin({ onEvent: () => 'lost' });
    const drop = await cloud.drop(cloud.makeFile(300));
    const { settings } = splitRevision(cloud.clients.outputs.parserRevision);
    const { key, versionId } = drop;
    const revision = joinRevision({ code: 'older', settings });
    const older = uploadOf(12, { key, versionId, storeId: cloud.storeId, revision });
    // Its first batch is loaded. Then a new release was deployed, in the middle of the file.
    const { closing: _, ...first } = batchOf(older);
    await send(cloud.clients.outputs.rowQueueUrl, encodeMessage(first));
    await expect.poll(() => statusOf(older)).toBe('loading');
    await send(
      cloud.clients.outputs.uploadQueueUrl,
      encodeCheckpoint({ upload: older, checkpoint: { batch: 2 } as never }),
    );
    const newer = async () => {
      const { rows } = await cloud.clients.database.query(
        `SELECT status, rows_read = rows_inserted + rows_duplicate + rows_conflicting + rows_rejected AS accounted
         FROM ledger.uploads WHERE version_id = $1 AND upload_id <> $2`,
        [drop.versionId, older.uploadId],
      );
      return rows;
    };
    // Before the first sweep, which would send the file to the parser again in any case.
    await expect.poll(newer).toEqual([{ status: 'complete', accounted: true }]);
    const sweep = async () => {
      await cloud.cloud.invoke('sweep');
      return statusOf(older);
    };
    await expect.poll(sweep, { interval: 500 }).toBe('superseded');
    expect(await newer()).toHaveLength(1);
  });
});

describe('size', () => {
  test('a very large row is loaded, a row over the limit is rejected, and neither stops the others', async () => {
    cloud.begin();
    const header = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
    const id = (number: number) => `00000000-0000-4000-8000-0000000aa00${number}`;
    // Longer than these messages may be, and than the Data API's answers; the second in characters of four bytes.
    const names = ['Soap', 'x'.repeat(60_000), '🧀'.repeat(15_000), 'y'.repeat(70_000), 'Tea'];
    const rows = names.map((name, index) => `${id(index)},SELL,${name},1,1.00,1.20`);
    const expected = names.map((name, index) => {
      const row = { id: id(index), category: 'SELL', name, quantity: 1 };
      return [index + 2, { ...row, amountExclTax: '1.00', amountIncTax: '1.20' }] as const;
    });
    await cloud.drop({
      name: 'retail_01_01_2024.csv',
      date: '2024-01-01',
      content: Buffer.from([header, ...rows].join('\n')),
      rows: new Map(expected.filter(([line]) => line !== 5)),
      rejects: new Map([[5, 'row-too-long']]),
    });
    await cloud.expectAccounted();
  });
});
