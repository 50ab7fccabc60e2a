import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';

/** Queues that have a dead-letter queue. A stage without the API has no calls. */
export const QUEUES = ['calls', 'uploads', 'rows', 'notices'] as const;

/** A message that no function could handle. */
export interface DeadLetter {
  readonly queue: (typeof QUEUES)[number];
  readonly id: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** Subject of the message: the file, and its part. */
  readonly about: string;
}

/** A dead-letter message that this program holds, and its queues. */
export interface ReceivedLetter {
  readonly letter: DeadLetter;
  readonly message: Message;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Time for which the received messages are invisible to other readers. */
const HIDDEN_SECONDS = 60;
const RECEIVED_TOO_OFTEN = "Received too many times without completing. See the function's log.";

/** @throws {UserError} unless exactly one message matches each id */
export function chooseLetters(received: readonly ReceivedLetter[], ids: readonly string[]): ReceivedLetter[] {
  const wanted = ids.map((start) => {
    const [found, ...others] = received.filter(({ letter }) => letter.id.startsWith(start));
    if (found !== undefined && others.length === 0) return found;
    const what = found === undefined ? 'no dead-letter message has' : `${others.length + 1} messages have`;
    throw new UserError(`${what} an id that begins with "${start}": nothing was changed`);
  });
  return received.filter((letter) => wanted.includes(letter));
}

/** Receives the dead-letter messages of all queues, and makes those that are left after `work` visible again. */
export async function withDeadLetters<Result>(
  { sqs, access: { outputs } }: CloudClient,
  work: (received: readonly ReceivedLetter[]) => Promise<Result>,
): Promise<Result> {
  const { callQueueUrl, callDeadLetterQueueUrl } = outputs;
  const urls = {
    calls: [callQueueUrl, callDeadLetterQueueUrl],
    uploads: [outputs.uploadQueueUrl, outputs.uploadDeadLetterQueueUrl],
    rows: [outputs.rowQueueUrl, outputs.rowDeadLetterQueueUrl],
    notices: [outputs.noticeQueueUrl, outputs.noticeDeadLetterQueueUrl],
  } as const;
  const received = QUEUES.map((): ReceivedLetter[] => []);
  try {
    await Promise.all(
      QUEUES.map(async (queue, index) => {
        const [queueUrl, deadLetterQueueUrl] = urls[queue];
        if (queueUrl === undefined || deadLetterQueueUrl === undefined) return;
        for await (const message of receiveAll(sqs, deadLetterQueueUrl)) {
          const letter = describeLetter(message, queue);
          received[index]!.push({ letter, message, queueUrl, deadLetterQueueUrl });
        }
      }),
    );
    return await work(received.flat());
  } finally {
    for (const letters of received) await makeVisible(sqs, letters);
  }
}

async function* receiveAll(sqs: SQSClient, QueueUrl: string): AsyncGenerator<Message> {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
        // Without it SQS asks only some of its servers and may return nothing.
        WaitTimeSeconds: 1,
      }),
    );
    if (Messages.length === 0) return;
    yield* Messages;
  }
}

async function makeVisible(sqs: SQSClient, letters: readonly ReceivedLetter[]): Promise<void> {
  for (let start = 0; start < letters.length; start += 10) {
    const Entries = letters.slice(start, start + 10).map(({ message: { ReceiptHandle } }, index) => {
      return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
    });
    const QueueUrl = letters[0]!.deadLetterQueueUrl;
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
  }
}

function describeLetter(
  { MessageId = '', Body = '', Attributes, MessageAttributes }: Message,
  queue: DeadLetter['queue'],
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

function describeBody(body: string, queue: DeadLetter['queue']): string {
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
