import { DeleteMessageCommand } from '@aws-sdk/client-sqs';
import { Argument, InvalidArgumentError, Option } from 'commander';
import type { DeadLetter } from '../../lambdas/core/api-answers.ts';
import { QUEUES, type ReceivedLetter, sendBack } from '../../lambdas/shared/dead-letters.ts';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { chooseLetters, withDeadLetters } from '../dead-letters.ts';
import { describeDiscard, saveLetters, settleCall, settleUploads } from '../discard-letters.ts';
import { EXIT, wrongUsage } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';

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

interface ChoiceOptions extends CommonOptions {
  readonly all: boolean;
}

const MESSAGES = new Argument('[message...]', 'ids that "retail dlq" lists, or their beginnings');

export const REDRIVE: CommandSpec<ChoiceOptions> = {
  name: 'redrive',
  description: 'send dead-letter messages back to their queues, once the cause is fixed',
  argument: MESSAGES,
  options: [new Option('--all', 'all dead-letter messages').default(false)],
  async run(ids, { all, ...options }, { io, withCloud }) {
    checkChoice('redrive', ids, all);
    const sent = await withCloud(options, (client) =>
      withDeadLetters(client, async (received) => {
        const chosen = all ? received : chooseLetters(received, ids);
        for (const letter of chosen) await sendBack(client.sqs, letter);
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

interface DiscardOptions extends ChoiceOptions {
  readonly queue?: DeadLetter['queue'];
  readonly reason: string;
  readonly save: string;
}

export const DISCARD: CommandSpec<DiscardOptions> = {
  name: 'discard',
  description: 'delete dead-letter messages that can never be processed, with a reason',
  argument: MESSAGES,
  options: [
    new Option('--all', 'all dead-letter messages').default(false),
    new Option('--queue <name>', 'only messages of this queue').choices(QUEUES),
    new Option('--reason <text>', 'why; the ledger keeps it with the upload (required)')
      .argParser(parseReason)
      .makeOptionMandatory(),
    new Option('--save <file>', 'append the messages to this file first (required)').makeOptionMandatory(),
  ],
  async run(ids, { all, queue, reason, save, ...options }, { io, withCloud }) {
    checkChoice('discard', ids, all);
    const discarded = await withCloud(options, (client) =>
      withDeadLetters(client, async (received) => {
        const candidates = received.filter(({ letter }) => queue === undefined || letter.queue === queue);
        const chosen = all ? candidates : chooseLetters(candidates, ids);
        await saveLetters(save, chosen, reason);
        return Promise.all(chosen.map((letter) => discard(client, letter, reason)));
      }),
    );
    if (options.json) printJson({ discarded }, io);
    else if (discarded.length === 0) io.print(NONE);
    for (const letter of options.json ? [] : discarded) io.print(describeDiscard(letter, save));
    return EXIT.done;
  },
};

/** Fails the uploads of a saved message, and then deletes it: an interrupted command is repeated without harm. */
async function discard(client: CloudClient, received: ReceivedLetter, reason: string) {
  const settle = received.letter.queue === 'calls' ? settleCall : settleUploads;
  const uploads = await settle(client, received, reason);
  await client.sqs.send(
    new DeleteMessageCommand({
      QueueUrl: received.deadLetterQueueUrl,
      ReceiptHandle: received.message.ReceiptHandle,
    }),
  );
  return { ...received.letter, uploads };
}

function checkChoice(name: string, ids: readonly string[], all: boolean): void {
  if (ids.length > 0 === all) {
    throw wrongUsage(`${name} needs either the ids that "retail dlq" lists, or --all`);
  }
}

function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Write a reason.');
  return text.trim();
}

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
    'or all of them with --all. Delete one that can never be processed with',
    `  ${client.commandLine('discard', letters[0]!.id.slice(0, 8), '--reason', 'TEXT', '--save', 'FILE')}`,
  ]);
}

/**
 * Sends a dead-letter message back to its queue, and then deletes it: if the program is interrupted in between, the
 * message is delivered twice, which has no effect on the data.
 */
