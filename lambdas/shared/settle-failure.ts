import type { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { type ErrorKind, PermanentError } from './errors.ts';
import { MAX_UNKNOWN_ERROR_RECEIVES, retryDelaySeconds } from './retry-delay.ts';

/** SQS developer guide, "Message quotas". */
const MAX_MESSAGE_BYTES = 1_048_576;
/** The names and types of the attributes, and the id of the original message. */
const OTHER_ATTRIBUTE_BYTES = 128;
const MAX_REASON_LENGTH = 1_000;

export interface FailureRoutes {
  readonly sqs: SQSClient;
  readonly logger: Logger;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly classify: (error: unknown) => ErrorKind;
}

/**
 * Decides what becomes of a message whose work failed. A permanent error moves it to the dead-letter queue with
 * its reason, and it is done. Any other sends it back to its queue, with a delay that grows.
 * @throws the error itself where the message goes back
 */
export async function settleFailure(record: SQSRecord, error: unknown, routes: FailureRoutes): Promise<void> {
  const kind = error instanceof PermanentError ? 'permanent' : routes.classify(error);
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const details = { messageId: record.messageId, receiveCount, kind };
  if (kind === 'permanent' || (kind === 'unknown' && receiveCount >= MAX_UNKNOWN_ERROR_RECEIVES)) {
    await moveToDeadLetterQueue(record, error, routes);
    routes.logger.error('message moved to the dead-letter queue', { ...details, error: asError(error) });
    return;
  }
  const delaySeconds = retryDelaySeconds(receiveCount, Math.random());
  routes.logger.warn('message goes back to its queue', { ...details, delaySeconds, error: asError(error) });
  try {
    await routes.sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: routes.queueUrl,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: delaySeconds,
      }),
    );
  } catch (cause) {
    // Then it comes back after its visibility timeout.
    routes.logger.warn('the delay could not be set', { ...details, error: asError(cause) });
  }
  throw error;
}

async function moveToDeadLetterQueue(
  record: SQSRecord,
  error: unknown,
  routes: FailureRoutes,
): Promise<void> {
  const { name, message } = asError(error);
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  await routes.sqs.send(
    new SendMessageCommand({
      QueueUrl: routes.deadLetterQueueUrl,
      MessageBody: record.body,
      MessageAttributes: {
        reason: text(printable(`${name}: ${message}`).slice(0, reasonLength(record.body))),
        originalMessageId: text(record.messageId),
      },
    }),
  );
}

/** As much of the reason as the message has room for: attributes count as a part of it. */
function reasonLength(body: string): number {
  const room = MAX_MESSAGE_BYTES - Buffer.byteLength(body) - OTHER_ATTRIBUTE_BYTES;
  return Math.max(1, Math.min(MAX_REASON_LENGTH, room));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** SQS refuses control characters. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}
