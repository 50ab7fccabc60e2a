import type { Command } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import { type DeadLetter, listDeadLetters, redrive } from '../dead-letters.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson } from '../output/console.ts';
import { withCloud } from '../with-cloud.ts';

interface RedriveOptions extends CommonOptions {
  readonly all: boolean;
}

export function addRedrive(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('redrive')
    .description('send dead letters back to the queue that they came from, after their cause was mended')
    .argument('[message...]', 'as "retail dlq" shows them')
    .option('--all', 'all of them', false);
  withCommonOptions(command).action(async (ids: string[], options: RedriveOptions) => {
    if (ids.length > 0 === options.all) {
      throw new UserError('redrive takes messages as "retail dlq" shows them, or --all', EXIT.wrongUsage);
    }
    const sent = await withCloud(options, (client) => redriveLetters(client, ids));
    if (options.json) printJson({ sent });
    else if (sent.length === 0) print('No dead letters.');
    for (const { id, queue, about } of options.json ? [] : sent) {
      print(`${id.slice(0, 8)} went back to the ${queue} queue: ${about}`);
    }
    finish(EXIT.done);
  });
}

async function redriveLetters(client: CloudClient, ids: readonly string[]): Promise<DeadLetter[]> {
  if (ids.length === 0) return redrive(client, () => true);
  const letters = await listDeadLetters(client);
  const wanted = new Set(ids.map((id) => findLetter(letters, id).id));
  return redrive(client, ({ id }) => wanted.has(id));
}

/** @throws {UserError} where not exactly one message begins so */
function findLetter(letters: readonly DeadLetter[], start: string): DeadLetter {
  const found = letters.filter(({ id }) => id.startsWith(start));
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? 'no message' : `${found.length} messages`;
  throw new UserError(`${what} in the dead-letter queues begins with "${start}": nothing was sent back`);
}
