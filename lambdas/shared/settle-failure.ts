import type { Logger } from '@aws-lambda-powertools/logger';
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { classifyError, type ErrorKind } from './errors.ts';
import { MAX_UNKNOWN_ERROR_RECEIVES, retryDelaySeconds } from './retry.ts';

/** SQS developer guide, "Message quotas". */
const MAX_MESSAGE_BYTES = 1_048_576;
/** Names and types of the attributes, and the id of the original message. */
const OTHER_ATTRIBUTE_BYTES = 128;
const MAX_REASON_LENGTH = 1_000;

export interface FailureRoutes {
  readonly sqs: SQSClient;
  readonly logger: Logger;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly classify?: (error: unknown) => ErrorKind;
}

/**
 * Settles a message whose work failed. After a permanent error it moves to the dead-letter queue with its reason.
 * After any other error it goes back to its queue, with a delay that grows.
 * @throws the error itself, if the message goes back
 */
export async function settleFailure(record: SQSRecord, error: unknown, routes: FailureRoutes): Promise<void> {
  const { sqs, logger, queueUrl, classify = classifyError } = routes;
  const kind = classify(error);
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  const details = { messageId: record.messageId, receiveCount, kind, error: toError(error) };
  if (kind === 'permanent' || (kind === 'unknown' && receiveCount >= MAX_UNKNOWN_ERROR_RECEIVES)) {
    await moveToDeadLetterQueue(record, details.error, routes);
    logger.error('message moved to the dead-letter queue', details);
    return;
  }
  const delaySeconds = retryDelaySeconds(receiveCount, Math.random());
  logger.warn('message goes back to its queue', { ...details, delaySeconds });
  try {
    const message = { QueueUrl: queueUrl, ReceiptHandle: record.receiptHandle };
    await sqs.send(new ChangeMessageVisibilityCommand({ ...message, VisibilityTimeout: delaySeconds }));
  } catch (cause) {
    // The message comes back after its visibility timeout.
    logger.warn('the delay could not be set', { ...details, error: toError(cause) });
  }
  throw error;
}

async function moveToDeadLetterQueue(
  record: SQSRecord,
  { name, message }: Error,
  { sqs, deadLetterQueueUrl }: FailureRoutes,
): Promise<void> {
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: deadLetterQueueUrl,
      MessageBody: record.body,
      MessageAttributes: {
        reason: text(toPrintable(`${name}: ${message}`).slice(0, reasonLength(record.body))),
        originalMessageId: text(record.messageId),
      },
    }),
  );
}

/** Length of a reason for which the message has room: its attributes count towards its size. */
function reasonLength(body: string): number {
  const room = MAX_MESSAGE_BYTES - Buffer.byteLength(body) - OTHER_ATTRIBUTE_BYTES;
  return Math.max(1, Math.min(MAX_REASON_LENGTH, room));
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** SQS refuses control characters. */
function toPrintable(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}
