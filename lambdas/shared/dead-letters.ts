import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetterQueueName } from '../core/api-answers.ts';

/** Queues that have a dead-letter queue. A stage without the API has no calls. */
export const QUEUES = [
  'calls',
  'uploads',
  'rows',
  'notices',
] as const satisfies readonly DeadLetterQueueName[];

/** A dead-letter message that this program holds, and its queues. */
export interface ReceivedLetter {
  readonly letter: DeadLetter;
  readonly message: Message;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Addresses of a queue and of its dead-letter queue. */
export interface LetterSource {
  readonly queue: DeadLetterQueueName;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Messages of a call. */
const PAGE = 10;
const RECEIVED_TOO_OFTEN = "Received too many times without completing. See the function's log.";

/**
 * Receives the messages of a dead-letter queue, which other readers do not see for a time.
 * @param hiddenSeconds the time
 */
export async function* receiveLetters(
  sqs: SQSClient,
  { queue, queueUrl, deadLetterQueueUrl }: LetterSource,
  hiddenSeconds: number,
): AsyncGenerator<ReceivedLetter> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MaxNumberOfMessages: PAGE,
        VisibilityTimeout: hiddenSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        // Without it SQS asks only some of its servers and may return nothing.
        WaitTimeSeconds: 1,
      }),
    );
    if (Messages.length === 0) return;
    for (const message of Messages) {
      yield { letter: describeLetter(message, queue), message, queueUrl, deadLetterQueueUrl };
    }
  }
}

/** Lets other readers see messages again that were received from one queue. Those that were deleted stay deleted. */
export async function showLetters(sqs: SQSClient, letters: readonly ReceivedLetter[]): Promise<void> {
  for (let start = 0; start < letters.length; start += PAGE) {
    const Entries = letters.slice(start, start + PAGE).map(({ message: { ReceiptHandle } }, index) => {
      return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
    });
    const QueueUrl = letters[0]!.deadLetterQueueUrl;
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}

/** Sends a message back to its queue, where it is received like a new one. */
export async function sendBack(
  sqs: SQSClient,
  { message: { Body, ReceiptHandle }, queueUrl, deadLetterQueueUrl }: ReceivedLetter,
): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
}

function describeLetter(
  { MessageId = '', Body = '', Attributes, MessageAttributes }: Message,
  queue: DeadLetterQueueName,
): DeadLetter {
  return {
    queue,
    id: MessageId,
    reason: MessageAttributes?.reason?.StringValue ?? RECEIVED_TOO_OFTEN,
    since: new Date(Number(Attributes?.SentTimestamp)).toISOString(),
    about: describeBody(Body, queue),
  };
}

interface AnyMessage {
  /** Id of an upload that ended, in a notice. */
  readonly uploadId?: string;
  readonly channel?: string;
  /** Store of a call; its first line has this and the next two members. */
  readonly storeId?: string;
  readonly receipt?: unknown;
  readonly items?: number;
  readonly upload?: { readonly key?: string };
  readonly batch?: number;
  readonly checkpoint?: object;
  readonly Records?: readonly { readonly s3?: { readonly object?: { readonly key?: string } } }[];
}

function describeBody(body: string, queue: DeadLetterQueueName): string {
  try {
    const message = Object(JSON.parse(queue === 'calls' ? body.split('\n')[0]! : body)) as AnyMessage;
    const { upload, batch, checkpoint, Records = [], storeId, receipt, items } = message;
    if (queue === 'notices') return describeNotice(message) ?? body.slice(0, 80);
    if (receipt !== undefined) return `call ${receipt} of the store ${storeId}, ${items} items`;
    if (upload?.key !== undefined) {
      return `${upload.key}, ${checkpoint === undefined ? `batch ${batch}` : 'from a checkpoint'}`;
    }
    const keys = Records.flatMap(({ s3 }) => s3?.object?.key ?? []);
    if (keys.length > 0) return decodeURIComponent(keys.join(', ').replaceAll('+', ' '));
  } catch {
    // An unknown message is shown unchanged.
  }
  return body.slice(0, 80);
}

function describeNotice({ uploadId, channel, receipt }: AnyMessage): string | undefined {
  if (uploadId !== undefined) return `receipts of the upload ${uploadId}`;
  const { key, storeId } = Object(receipt) as { readonly key?: string; readonly storeId?: string };
  return key === undefined ? undefined : `${channel} to the store ${storeId} about ${key}`;
}
