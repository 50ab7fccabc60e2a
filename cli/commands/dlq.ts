import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { Argument, Option } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';

/** A message that no function could handle. */
interface DeadLetter {
  readonly queue: 'uploads' | 'rows';
  readonly id: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  /** Subject of the message: the file, and its part. */
  readonly about: string;
}

/** A dead-letter message that this program holds, and its queues. */
interface Received {
  readonly letter: DeadLetter;
  readonly message: Message;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Time for which the received messages are invisible to other readers. */
const HIDDEN_SECONDS = 60;
const RECEIVED_TOO_OFTEN = "Received too many times without completing. See the function's log.";
const NONE = 'No dead-letter messages.';
const COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'message', value: ({ id }) => id.slice(0, 8) },
  { title: 'queue', value: ({ queue }) => queue },
  { title: 'since', value: ({ since }) => since.slice(0, 19).replace('T', ' ') },
  { title: 'about', value: ({ about }) => about },
];

export const DLQ: CommandSpec<CommonOptions> = {
  name: 'dlq',
  description: 'list dead-letter messages and why each failed',
  run: (_args, options, { io, withCloud }) =>
    withCloud(options, async (client) => {
      const letters = await withDeadLetters(client, async (received) => received.map(({ letter }) => letter));
      if (options.json) printJson({ deadLetters: letters }, io);
      else printLetters(client, io, letters);
      return letters.length === 0 ? EXIT.done : EXIT.rowsSetAside;
    }),
};

export const REDRIVE: CommandSpec<CommonOptions & { readonly all: boolean }> = {
  name: 'redrive',
  description: 'send dead-letter messages back to their queues, once the cause is fixed',
  argument: new Argument('[message...]', 'ids that "retail dlq" lists, or their beginnings'),
  options: [new Option('--all', 'all dead-letter messages').default(false)],
  async run(ids, { all, ...options }, { io, withCloud }) {
    if (ids.length > 0 === all) {
      throw wrongUsage('redrive needs either the ids that "retail dlq" lists, or --all');
    }
    const sent = await withCloud(options, (client) =>
      withDeadLetters(client, async (received) => {
        const chosen = all ? received : choose(received, ids);
        for (const letter of chosen) await sendBack(client, letter);
        return chosen.map(({ letter }) => letter);
      }),
    );
    if (options.json) printJson({ sent }, io);
    else if (sent.length === 0) io.print(NONE);
    for (const { id, queue, about } of options.json ? [] : sent) {
      io.print(`Sent ${id.slice(0, 8)} back to the ${queue} queue: ${about}`);
    }
    return EXIT.done;
  },
};

function printLetters(client: CloudClient, io: Io, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) {
    io.print(NONE);
    return;
  }
  io.print(formatTable(letters, COLUMNS));
  for (const { id, reason } of letters) io.print(['', `${id.slice(0, 8)}: ${reason}`]);
  io.print([
    '',
    'Once the cause is fixed, send a message back with',
    `  ${client.commandLine('redrive', letters[0]!.id.slice(0, 8))}`,
    'or all of them with --all.',
  ]);
}

/** @throws {UserError} unless exactly one message matches each id */
function choose(received: readonly Received[], ids: readonly string[]): Received[] {
  const wanted = ids.map((start) => {
    const [found, ...others] = received.filter(({ letter }) => letter.id.startsWith(start));
    if (found !== undefined && others.length === 0) return found;
    const what = found === undefined ? 'no dead-letter message has' : `${others.length + 1} messages have`;
    throw new UserError(`${what} an id that begins with "${start}": nothing was sent`);
  });
  return received.filter((letter) => wanted.includes(letter));
}

/**
 * Sends a dead-letter message back to its queue, and then deletes it: if the program is interrupted in between, the
 * message is delivered twice, which has no effect on the data.
 */
async function sendBack(
  { sqs }: CloudClient,
  { message: { Body, ReceiptHandle }, queueUrl, deadLetterQueueUrl }: Received,
): Promise<void> {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: Body }));
  await sqs.send(new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }));
}

/** Receives the dead-letter messages of both queues, and makes those that are left after `work` visible again. */
async function withDeadLetters<Result>(
  { sqs, access: { outputs } }: CloudClient,
  work: (received: readonly Received[]) => Promise<Result>,
): Promise<Result> {
  const queues = [
    { queue: 'uploads', urls: [outputs.uploadQueueUrl, outputs.uploadDeadLetterQueueUrl] },
    { queue: 'rows', urls: [outputs.rowQueueUrl, outputs.rowDeadLetterQueueUrl] },
  ] as const;
  const received = queues.map((): Received[] => []);
  try {
    await Promise.all(
      queues.map(async ({ queue, urls: [queueUrl, deadLetterQueueUrl] }, index) => {
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

async function makeVisible(sqs: SQSClient, letters: readonly Received[]): Promise<void> {
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
    about: describeBody(Body),
  };
}

interface AnyMessage {
  readonly upload?: { readonly key?: string };
  readonly batch?: number;
  readonly checkpoint?: object;
  readonly Records?: readonly { readonly s3?: { readonly object?: { readonly key?: string } } }[];
}

function describeBody(body: string): string {
  try {
    const { upload, batch, checkpoint, Records = [] } = Object(JSON.parse(body)) as AnyMessage;
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
