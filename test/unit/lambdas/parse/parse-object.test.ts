import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { parseObject } from '../../../../lambdas/parse/parse-object.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const GOOD = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20\n';
const BAD = `bad,SELL,${'x'.repeat(900)},1,1.00,1.20\n`;

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const resources = {
  s3: new S3Client({ region: 'us-east-1' }),
  sqs: new SQSClient({ region: 'us-east-1' }),
  rowQueueUrl: 'queue',
  settings: { basisPoints: 2_000, maxMessageBytes: 20_000, unknownColumns: 'ignore' } as const,
  maxUnpackedMiB: 1,
};

beforeEach(() => {
  s3.reset();
  sqs.reset();
  sqs.on(SendMessageBatchCommand).callsFake(({ Entries = [] }: SendMessageBatchCommandInput) => ({
    Successful: Entries.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
  }));
});
afterAll(() => {
  s3.restore();
  sqs.restore();
});

function store(content: string | Iterable<string>) {
  const bytes = typeof content === 'string' ? [content] : content;
  s3.on(GetObjectCommand).callsFake(() => ({
    Body: Readable.from(
      (function* () {
        for (const text of bytes) yield Buffer.from(text);
      })(),
    ),
  }));
}
const sentBatches = () =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args }) =>
      args[0].input.Entries!.map(({ MessageBody }) => JSON.parse(MessageBody!) as RowBatch),
    );
const parse = (isTimeUp = () => false) => parseObject({ upload: uploadOf() }, resources, isTimeUp);

describe('an object', () => {
  test('is parsed into batches on the row queue', async () => {
    store(HEADER + GOOD.repeat(500));
    const last = await parse();
    expect(last).toMatchObject({ next: undefined, totals: { rowsRead: 500, rowsRejected: 0 } });
    expect(sentBatches().length).toBeGreaterThan(1);
    expect(sentBatches().at(-1)).toEqual(last.batch);
    expect(s3.commandCalls(PutObjectCommand)).toEqual([]);
  });

  test('of which no time is left is continued after the batches that were sent', async () => {
    store(HEADER + GOOD.repeat(500));
    const { next, batch } = await parse(() => true);
    expect(sentBatches()).toEqual([batch]);
    expect(next).toMatchObject({ batch: 2, rowsRead: batch.rowCount });
    store(HEADER + GOOD.repeat(500));
    const rest = await parseObject({ upload: uploadOf(), checkpoint: next! }, resources, () => false);
    expect(rest).toMatchObject({ totals: { rowsRead: 500 } });
    expect(sentBatches().map((sent) => sent.batch)).toEqual(sentBatches().map((_, index) => index + 1));
  });

  test.each(['NoSuchKey', 'NoSuchVersion'])('that was deleted (%s) is a failed upload', async (name) => {
    s3.on(GetObjectCommand).rejects(Object.assign(new Error('gone'), { name }));
    expect(await parse()).toMatchObject({ totals: { failure: { code: 'object-deleted' } } });
    expect(sentBatches()).toMatchObject([{ rowCount: 0, closing: { failure: { code: 'object-deleted' } } }]);
  });
});

describe('the rejected rows', () => {
  test('are in the bucket before the parse is done', async () => {
    store(HEADER + GOOD + BAD);
    let isStored = false;
    s3.on(PutObjectCommand).callsFake(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      isStored = true;
      return {};
    });
    await parse();
    expect(isStored).toBe(true);
    const [{ args } = { args: [] }] = s3.commandCalls(PutObjectCommand);
    expect(args[0]!.input).toMatchObject({
      Bucket: 'uploads',
      Key: expect.stringMatching(/^rejected\/store=paris-12\/retail_15_01_2022\.rejected-[0-9a-f]{8}\.csv$/),
      ContentType: 'text/csv; charset=utf-8',
      Body: Buffer.from(
        `reject_line,reject_column,reject_code,reject_message,${HEADER}` +
          `3,id,id-not-uuid,The id is not a UUID such as 0284f92e-54f7-4766-880d-2cc5a8993a89.,${BAD}`,
      ),
    });
  });

  test('that cannot be stored fail the parse', async () => {
    store(HEADER + BAD);
    s3.on(PutObjectCommand).rejects(new Error('SlowDown'));
    await expect(parse()).rejects.toThrow('SlowDown');
  });

  test('of a parse that fails leave no incomplete multipart upload', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'multipart' });
    s3.on(UploadPartCommand).resolves({ ETag: 'part' });
    s3.on(AbortMultipartUploadCommand).resolves({});
    // More than one part of 5 MiB, and then a connection that breaks.
    store(
      (function* () {
        yield HEADER;
        for (let piece = 0; piece < 80; piece++) yield BAD.repeat(100);
        throw new Error('socket hang up');
      })(),
    );
    await expect(parse()).rejects.toThrow('socket hang up');
    expect(s3.commandCalls(CreateMultipartUploadCommand)).toHaveLength(1);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toEqual([]);
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
  });
});
