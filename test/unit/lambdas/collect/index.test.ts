import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { encodeCall } from '../../../../lambdas/shared/call-message.ts';

vi.stubEnv('UPLOAD_BUCKET_NAME', 'bucket');
vi.stubEnv('CALL_QUEUE_URL', 'calls');
vi.stubEnv('CALL_DEAD_LETTER_QUEUE_URL', 'calls-dead');
vi.stubEnv('AWS_REGION', 'us-east-1');
vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'SILENT');
const { handler } = await import('../../../../lambdas/collect/index.ts');

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
afterAll(() => {
  vi.unstubAllEnvs();
  s3.restore();
  sqs.restore();
});
beforeEach(() => {
  s3.reset();
  sqs.reset();
  s3.on(PutObjectCommand).resolves({});
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
});

const NOON = Date.UTC(2026, 0, 2, 12, 0, 0);

interface Message {
  readonly store?: string;
  readonly receipt?: string;
  readonly lines?: readonly string[];
  readonly at?: number;
  readonly body?: string;
}

function record(messageId: string, message: Message = {}): SQSRecord {
  const {
    store = 'oslo',
    receipt = `receipt-${messageId}`,
    lines = [`{"id":"${messageId}"}`],
    at = 0,
  } = message;
  return {
    messageId,
    receiptHandle: messageId,
    body: message.body ?? encodeCall({ storeId: store, receipt, lines }),
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(NOON + at) },
  } as SQSRecord;
}

/** Collects the messages. @returns the ids of those that failed */
async function collect(...Records: SQSRecord[]): Promise<string[]> {
  const { batchItemFailures } = await handler({ Records });
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
const written = () =>
  s3.commandCalls(PutObjectCommand).map(({ args: [{ input }] }) => ({ ...input, Body: String(input.Body) }));

test('the calls of a store become one object, with a manifest and their items in the order of the calls', async () => {
  const failed = await collect(record('b', { at: 1_000 }), record('a', { lines: ['{"n":1}', '{"n":2}'] }));
  expect(failed).toEqual([]);
  const [object] = written();
  expect(object!.Key).toMatch(/^incoming\/store=oslo\/api\/2026-01-02\/12-00-01-[0-9a-f]{12}\.ndjson$/);
  expect(object!.IfNoneMatch).toBe('*');
  expect(object!.Body).toBe(
    [
      '{"calls":[{"receipt":"receipt-a","items":2},{"receipt":"receipt-b","items":1}]}',
      '{"n":1}',
      '{"n":2}',
      '{"id":"b"}',
      '',
    ].join('\n'),
  );
});

test('each store has its own object', async () => {
  await collect(record('a'), record('b', { store: 'bergen' }), record('c'));
  const keys = written().map(({ Key }) => Key!.split('/')[1]);
  expect(keys.sort()).toEqual(['store=bergen', 'store=oslo']);
});

test('the same messages in another order give the same object, others another one', async () => {
  const messages = [record('a', { at: 5 }), record('b', { at: 5 }), record('c')];
  await collect(...messages);
  await collect(...messages.toReversed());
  await collect(...messages.slice(1));
  const [first, second, third] = written();
  expect([second!.Key, second!.Body]).toEqual([first!.Key, first!.Body]);
  expect(third!.Key).not.toBe(first!.Key);
});

test('a call that was sent twice is written once', async () => {
  await collect(record('a', { receipt: 'r' }), record('b', { receipt: 'r', lines: ['{"id":"a"}'] }));
  expect(written()[0]!.Body).toBe('{"calls":[{"receipt":"r","items":1}]}\n{"id":"a"}\n');
});

test('an object that exists is complete: the messages are done', async () => {
  s3.on(PutObjectCommand).rejects(Object.assign(new Error(), { $metadata: { httpStatusCode: 412 } }));
  expect(await collect(record('a'))).toEqual([]);
});

test('the messages of an object that cannot be written go back to the queue, those of other stores do not', async () => {
  s3.on(PutObjectCommand).callsFake(({ Key }: { Key: string }) => {
    if (Key.includes('oslo'))
      throw Object.assign(new Error('SlowDown'), { $metadata: { httpStatusCode: 503 } });
    return {};
  });
  expect(await collect(record('a'), record('b', { store: 'bergen' }), record('c'))).toEqual(['a', 'c']);
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand)).toHaveLength(2);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
});

test('a message that is not a call goes to the dead-letter queue, the others are written', async () => {
  expect(await collect(record('a', { body: 'x' }), record('b'))).toEqual([]);
  expect(sqs.commandCalls(SendMessageCommand)[0]!.args[0].input).toMatchObject({
    QueueUrl: 'calls-dead',
    MessageBody: 'x',
  });
  expect(written()).toHaveLength(1);
});

test('a message of a newer release goes back to the queue', async () => {
  const body = '{"version":2}\n{}';
  expect(await collect(record('a', { body }))).toEqual(['a']);
});
