import { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { type ErrorKind, PermanentError } from '../../../../lambdas/shared/errors.ts';
import { settleFailure } from '../../../../lambdas/shared/settle-failure.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
  sqs.on(SendMessageCommand).resolves({});
  sqs.on(ChangeMessageVisibilityCommand).resolves({});
});

function settle(error: unknown, kind: ErrorKind, receives = 1): Promise<void> {
  const record = {
    messageId: 'message-1',
    receiptHandle: 'handle',
    body: 'the body',
    attributes: { ApproximateReceiveCount: String(receives) },
  } as SQSRecord;
  return settleFailure(record, error, {
    sqs: new SQSClient({ region: 'us-east-1' }),
    logger: new Logger({ logLevel: 'SILENT' }),
    queueUrl: 'queue',
    deadLetterQueueUrl: 'dead-letters',
    classify: () => kind,
  });
}

test('a permanent error moves the message to the dead letters with its reason, and it is done', async () => {
  await settle(new PermanentError('no S3 event\u0007'), 'transient');
  const [call] = sqs.commandCalls(SendMessageCommand);
  expect(call!.args[0].input).toMatchObject({
    QueueUrl: 'dead-letters',
    MessageBody: 'the body',
    MessageAttributes: {
      reason: { StringValue: 'PermanentError: no S3 event ' },
      originalMessageId: { StringValue: 'message-1' },
    },
  });
  expect(sqs.commandCalls(ChangeMessageVisibilityCommand)).toHaveLength(0);
});

test('a transient error sends the message back, later with each receive, however often', async () => {
  const error = new Error('paused');
  await expect(settle(error, 'transient', 3)).rejects.toBe(error);
  await expect(settle(error, 'transient', 900)).rejects.toBe(error);
  const delays = sqs
    .commandCalls(ChangeMessageVisibilityCommand)
    .map(({ args }) => args[0].input.VisibilityTimeout!);
  expect(delays[0]).toBeLessThanOrEqual(8);
  expect(delays[1]).toBeGreaterThan(1_000);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
});

test('an error of no known kind is tried again, and after enough tries counts as permanent', async () => {
  await expect(settle(new Error('what'), 'unknown', 19)).rejects.toThrow('what');
  await settle(new Error('what'), 'unknown', 20);
  expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(1);
});
