import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { CloudClient } from './cloud-client.ts';

/** A message that no function could handle. */
export interface DeadLetter {
  readonly queue: 'uploads' | 'rows';
  readonly id: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** Subject of the message: the file, and its part. */
  readonly about: string;
}

/** Time for which the listed messages are invisible to other readers. */
const HIDDEN_SECONDS = 60;
const RECEIVED_TOO_OFTEN = "Received too many times without completing. See the function's log.";

/** Lists the dead-letter messages of both queues and leaves them there. */
export async function listDeadLetters(client: CloudClient): Promise<DeadLetter[]> {
  return forEachLetter(client, async () => true);
}

/**
 * Sends dead-letter messages back to their queues. Each is sent before it is deleted: if the program is interrupted in
 * between, the message is delivered twice, which has no effect on the data.
 * @returns the messages that were sent
 */
export async function redrive(
  client: CloudClient,
  isWanted: (letter: DeadLetter) => boolean,
): Promise<DeadLetter[]> {
  return forEachLetter(client, async (letter, { Body, ReceiptHandle }, [queueUrl, deadLetterQueueUrl]) => {
    if (!isWanted(letter)) return false;
    await client.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
    await client.sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
    return true;
  });
}

type Select = (
  letter: DeadLetter,
  message: Message,
  urls: readonly [queue: string, deadLetterQueue: string],
) => Promise<boolean>;

/** Passes each dead-letter message to `select`. @returns the selected ones */
async function forEachLetter(
  { sqs, access: { outputs } }: CloudClient,
  select: Select,
): Promise<DeadLetter[]> {
  const lists = await Promise.all([
    selectLetters(sqs, 'uploads', [outputs.uploadQueueUrl, outputs.uploadDeadLetterQueueUrl], select),
    selectLetters(sqs, 'rows', [outputs.rowQueueUrl, outputs.rowDeadLetterQueueUrl], select),
  ]);
  return lists.flat();
}

/** Receives all messages of a dead-letter queue, and makes those that are left visible again. */
async function selectLetters(
  sqs: SQSClient,
  queue: DeadLetter['queue'],
  urls: Parameters<Select>[2],
  select: Select,
): Promise<DeadLetter[]> {
  const [, QueueUrl] = urls;
  const messages: Message[] = [];
  const selected: DeadLetter[] = [];
  try {
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
      if (Messages.length === 0) break;
      messages.push(...Messages);
    }
    for (const message of messages) {
      const letter = toDeadLetter(message, queue);
      if (await select(letter, message, urls)) selected.push(letter);
    }
    return selected;
  } finally {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map(({ ReceiptHandle }, index) => {
        return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
      });
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }
}

function toDeadLetter(
  { MessageId = '', Body = '', Attributes, MessageAttributes }: Message,
  queue: DeadLetter['queue'],
): DeadLetter {
  return {
    queue,
    id: MessageId,
    reason: MessageAttributes?.reason?.StringValue ?? RECEIVED_TOO_OFTEN,
    since: new Date(Number(Attributes?.SentTimestamp)).toISOString(),
    about: describe(Body),
  };
}

interface AnyMessage {
  readonly upload?: { readonly key?: string };
  readonly batch?: number;
  readonly checkpoint?: object;
  readonly Records?: readonly { readonly s3?: { readonly object?: { readonly key?: string } } }[];
}

function describe(body: string): string {
  try {
    const { upload, batch, checkpoint, Records } = Object(JSON.parse(body)) as AnyMessage;
    if (upload?.key !== undefined) {
      return `${upload.key}, ${checkpoint === undefined ? `batch ${batch}` : 'from a checkpoint'}`;
    }
    const keys = Records?.map(({ s3 }) => s3?.object?.key).filter((key) => key !== undefined);
    if (keys !== undefined && keys.length > 0)
      return decodeURIComponent(keys.join(', ').replaceAll('+', ' '));
  } catch {
    // An unknown message is shown unchanged.
  }
  return body.slice(0, 80);
}
