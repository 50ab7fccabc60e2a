import { Argument, Option } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { type DeadLetter, listDeadLetters, redrive } from '../dead-letters.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';

const COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'message', value: ({ id }) => id.slice(0, 8) },
  { title: 'queue', value: ({ queue }) => queue },
  { title: 'since', value: ({ since }) => since.slice(0, 19).replace('T', ' ') },
  { title: 'about', value: ({ about }) => about },
];
const NONE = 'No dead-letter messages.';

export const DLQ: CommandSpec<CommonOptions> = {
  name: 'dlq',
  description: 'list dead-letter messages and why each failed',
  run: (_args, options, { io, withCloud }) =>
    withCloud(options, async (client) => {
      const letters = await listDeadLetters(client);
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
  async run(ids, options, { io, withCloud }) {
    if (ids.length > 0 === options.all) {
      throw wrongUsage('redrive needs either the ids that "retail dlq" lists, or --all');
    }
    const sent = await withCloud(options, (client) =>
      options.all ? redrive(client, () => true) : redriveByIds(client, ids),
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
  for (const { id, reason } of letters) io.print(`\n${id.slice(0, 8)}: ${reason}`);
  io.print(`
Once the cause is fixed, send a message back with
  ${client.commandLine(`redrive ${letters[0]!.id.slice(0, 8)}`)}
or all of them with --all.`);
}

/** @throws {UserError} unless exactly one message matches each id */
async function redriveByIds(client: CloudClient, ids: readonly string[]): Promise<DeadLetter[]> {
  const letters = await listDeadLetters(client);
  const wanted = new Set<string>();
  for (const start of ids) {
    const [letter, ...others] = letters.filter(({ id }) => id.startsWith(start));
    if (letter === undefined || others.length > 0) {
      const what = letter === undefined ? 'no dead-letter message has' : `${others.length + 1} messages have`;
      throw new UserError(`${what} an id that begins with "${start}": nothing was sent`);
    }
    wanted.add(letter.id);
  }
  return redrive(client, ({ id }) => wanted.has(id));
}
