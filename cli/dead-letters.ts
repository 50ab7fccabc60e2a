import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** A queue and the one that its dead letters are in. */
export interface LetterQueue {
  readonly name: 'uploads' | 'rows';
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** A message that nobody could work on. */
export interface DeadLetter {
  readonly queue: LetterQueue['name'];
  readonly id: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** What it is about: the file, and which part of it. */
  readonly about: string;
}

/** For so long the messages that are looked at are out of everybody's sight. */
const HIDDEN_SECONDS = 60;
const TOO_OFTEN = 'It was received too often: its work never came to an end. The function’s log says more.';

/** Looks at the dead letters of a queue and leaves them where they are. */
export async function listDeadLetters(sqs: SQSClient, queue: LetterQueue): Promise<DeadLetter[]> {
  return withMessages(sqs, queue, async (messages) => messages.map((message) => letterOf(message, queue)));
}

/**
 * Sends dead letters back to the queue that they came from. Each is sent first and deleted then: whoever is
 * interrupted in between sends it twice, and a second delivery of anything changes nothing.
 * @param isWanted which of them
 */
export async function redrive(
  sqs: SQSClient,
  queue: LetterQueue,
  isWanted: (letter: DeadLetter) => boolean,
): Promise<DeadLetter[]> {
  return withMessages(sqs, queue, async (messages) => {
    const sent: DeadLetter[] = [];
    for (const message of messages) {
      const letter = letterOf(message, queue);
      if (!isWanted(letter)) continue;
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.queueUrl, MessageBody: message.Body }));
      const { ReceiptHandle } = message;
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue.deadLetterQueueUrl, ReceiptHandle }));
      sent.push(letter);
    }
    return sent;
  });
}

/** Takes all messages of a dead-letter queue into hand for some work, and lets go of what is left of them. */
async function withMessages<Result>(
  sqs: SQSClient,
  { deadLetterQueueUrl: QueueUrl }: LetterQueue,
  work: (messages: readonly Message[]) => Promise<Result>,
): Promise<Result> {
  const messages: Message[] = [];
  try {
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HIDDEN_SECONDS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
          // Without it SQS asks a part of its servers only, and may say that there is nothing.
          WaitTimeSeconds: 1,
        }),
      );
      if (Messages.length === 0) break;
      messages.push(...Messages);
    }
    return await work(messages);
  } finally {
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map(({ ReceiptHandle }, index) => {
        return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
      });
      await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    }
  }
}

function letterOf(
  { MessageId = '', Body = '', Attributes, MessageAttributes }: Message,
  queue: LetterQueue,
): DeadLetter {
  return {
    queue: queue.name,
    id: MessageId,
    reason: MessageAttributes?.reason?.StringValue ?? TOO_OFTEN,
    since: new Date(Number(Attributes?.SentTimestamp)).toISOString(),
    about: describe(Body),
  };
}

interface AnyMessage {
  readonly upload?: { readonly key?: string };
  readonly batch?: number;
  readonly continues?: { readonly key?: string };
  readonly Records?: readonly { readonly s3?: { readonly object?: { readonly key?: string } } }[];
}

function describe(body: string): string {
  try {
    const { upload, batch, continues, Records } = Object(JSON.parse(body)) as AnyMessage;
    if (upload?.key !== undefined) return `${upload.key}, batch ${batch}`;
    if (continues?.key !== undefined) return `${continues.key}, the rest of it`;
    const keys = Records?.map(({ s3 }) => s3?.object?.key).filter((key) => key !== undefined);
    if (keys !== undefined && keys.length > 0)
      return decodeURIComponent(keys.join(', ').replaceAll('+', ' '));
  } catch {
    // Whatever it is, it is shown as it is.
  }
  return body.slice(0, 80);
}
