import type { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, it, vi } from 'vitest';
import { type ErrorKind, PermanentError } from '../../../../lambdas/shared/errors.ts';
import { settleFailure } from '../../../../lambdas/shared/settle-failure.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
});

function settle(error: unknown, kind: ErrorKind, body = '{}'): Promise<void> {
  const attributes = { ApproximateReceiveCount: '1' };
  const record = { messageId: 'm-1', receiptHandle: 'handle', body, attributes } as SQSRecord;
  return settleFailure(record, error, {
    sqs: new SQSClient({ region: 'eu-west-3' }),
    logger: { error: vi.fn(), warn: vi.fn() } as unknown as Logger,
    queueUrl: 'https://sqs/rows',
    deadLetterQueueUrl: 'https://sqs/rows-dlq',
    classify: () => kind,
  });
}
const moved = () => sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);

it('keeps the message where the dead-letter queue does not take it', async () => {
  sqs.on(SendMessageCommand).rejects(new Error('unavailable'));
  await expect(settle(new PermanentError('bad'), 'permanent')).rejects.toThrow('unavailable');
});

it('throws the error of the work even where the delay could not be set', async () => {
  sqs.on(ChangeMessageVisibilityCommand).rejects(new Error('the handle has expired'));
  const error = new Error('the database is resuming');
  await expect(settle(error, 'transient')).rejects.toBe(error);
});

it.each([
  ['a long text with control characters', new Error(`bad\0\u0007é🧀\n${'x'.repeat(5_000)}`)],
  ['an error without a message', new Error('')],
  ['something that is no error', undefined],
])('writes a reason that SQS takes for %s', async (_what, thrown) => {
  await settle(thrown, 'permanent');
  expect(moved()[0]?.MessageAttributes?.reason?.StringValue).toMatch(/^[\x20-\x7e]{1,1000}$/);
});

it('keeps a message that fills its limit within 1 MiB when its reason is added', async () => {
  // A full batch: all but a part of the batcher's reserve is used.
  await settle(new Error('x'.repeat(5_000)), 'permanent', 'x'.repeat(1_048_576 - 300));
  const { MessageBody = '', MessageAttributes = {} } = moved()[0]!;
  // SQS counts the name, the type and the value of each attribute.
  const attributes = Object.entries(MessageAttributes).flatMap(([name, value]) => [
    name,
    ...Object.values(value),
  ]);
  expect(MessageBody.length + attributes.join('').length).toBeLessThanOrEqual(1_048_576);
});
