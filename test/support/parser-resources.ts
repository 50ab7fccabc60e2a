import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach } from 'vitest';
import type { RowBatch } from '../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../lambdas/core/rules.ts';

export const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
export const GOOD = '00000000-0000-4000-8000-000000000001,SELL,Tea,1,1.00,1.20\n';

/** Resources of the parser for the tests of one file: mocked clients, and a queue that accepts every message. */
export function mockParserResources() {
  const s3 = mockClient(S3Client);
  const sqs = mockClient(SQSClient);
  const resources = {
    s3: new S3Client({ region: 'us-east-1' }),
    sqs: new SQSClient({ region: 'us-east-1' }),
    rowQueueUrl: 'queue',
    settings: { rules: DEFAULT_RULES, maxMessageBytes: 20_000 },
    maxUnpackedMiB: 1,
    maxRejectedRows: 1_000_000,
    keptBytes: 1_000_000,
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
  const sentBatches = () =>
    sqs
      .commandCalls(SendMessageBatchCommand)
      .flatMap(({ args }) =>
        args[0].input.Entries!.map(({ MessageBody }) => JSON.parse(MessageBody!) as RowBatch),
      );
  return { s3, resources, sentBatches };
}
