import { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { type ErrorKind, PermanentError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { settleFailure } from '../../../../lambdas/shared/settle-failure.ts';

const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
const logger = new Logger({ logLevel: 'SILENT' });
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
});

interface Failed {
  readonly kind?: ErrorKind;
  readonly receives?: number;
  readonly body?: string;
}
function settle(error: unknown, { kind, receives = 1, body = 'the body' }: Failed = {}): Promise<void> {
  const record = {
    messageId: 'message-1',
    receiptHandle: 'handle',
    body,
    attributes: { ApproximateReceiveCount: String(receives) },
  } as SQSRecord;
  return settleFailure(record, error, {
    sqs: new SQSClient({ region: 'us-east-1' }),
    logger,
    queueUrl: 'queue',
    deadLetterQueueUrl: 'dead-letters',
    ...(kind && { classify: () => kind }),
  });
}
const moved = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
const delayed = () => sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input);

test('a permanent error moves the message to the dead-letter queue with its reason', async () => {
  const logged = vi.spyOn(logger, 'error');
  const error = new PermanentError('not an S3 event\u0007');
  await settle(error);
  expect(moved()).toMatchObject([
    {
      QueueUrl: 'dead-letters',
      MessageBody: 'the body',
      MessageAttributes: {
        reason: { StringValue: 'PermanentError: not an S3 event ' },
        originalMessageId: { StringValue: 'message-1' },
      },
    },
  ]);
  expect(delayed()).toEqual([]);
  const details = { messageId: 'message-1', receiveCount: 1, kind: 'permanent', error };
  expect(logged.mock.calls).toEqual([['message moved to the dead-letter queue', details]]);
});

test('a transient error sends the message back, later after each receive, without end', async () => {
  const error = new TransientError('paused');
  await expect(settle(error, { receives: 3 })).rejects.toBe(error);
  await expect(settle(error, { receives: 900 })).rejects.toBe(error);
  expect(delayed()).toMatchObject([
    { QueueUrl: 'queue', ReceiptHandle: 'handle', VisibilityTimeout: expect.any(Number) },
    {},
  ]);
  const delays = delayed().map(({ VisibilityTimeout }) => VisibilityTimeout!);
  expect(delays[0]).toBeLessThanOrEqual(8);
  expect(delays[1]).toBeGreaterThan(1_000);
  expect(moved()).toEqual([]);
});

test('an error of unknown kind is retried, and after 20 receives it counts as permanent', async () => {
  await expect(settle(new Error('a surprise'), { receives: 19 })).rejects.toThrow('a surprise');
  expect(moved()).toEqual([]);
  await settle(new Error('a surprise'), { receives: 20 });
  expect(moved()).toHaveLength(1);
});

test('a message stays in its queue if the dead-letter queue does not accept it', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('unavailable'));
  await expect(settle(new PermanentError('bad'))).rejects.toThrow('unavailable');
});

test('the error of the work is thrown even if the delay could not be set', async () => {
  sqs.on(ChangeMessageVisibilityCommand).rejects(new Error('the handle has expired'));
  const error = new Error('the database is resuming');
  await expect(settle(error, { kind: 'transient' })).rejects.toBe(error);
});

test.each([
  ['a long text with control characters', new Error(`bad\0\u0007é🧀\n${'x'.repeat(5_000)}`)],
  ['an error without a message', new Error('')],
  ['a value that is not an error', undefined],
])('SQS accepts the reason of %s', async (_what, thrown) => {
  await settle(thrown, { kind: 'permanent' });
  expect(moved()[0]?.MessageAttributes?.reason?.StringValue).toMatch(/^[\x20-\x7e]{1,1000}$/);
});

test('a message of the maximum size stays within 1 MiB when its reason is added', async () => {
  // A full batch leaves only a part of the batcher's reserve.
  await settle(new Error('x'.repeat(5_000)), { kind: 'permanent', body: 'x'.repeat(1_048_576 - 300) });
  const { MessageBody = '', MessageAttributes = {} } = moved()[0]!;
  // SQS counts the name, the type and the value of each attribute.
  const attributes = Object.entries(MessageAttributes).flatMap(([name, value]) => [
    name,
    ...Object.values(value),
  ]);
  expect(MessageBody.length + attributes.join('').length).toBeLessThanOrEqual(1_048_576);
});
