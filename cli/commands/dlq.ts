import type { Command } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import { type DeadLetter, listDeadLetters } from '../dead-letters.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { print, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';
import { withCloud } from '../with-cloud.ts';

const COLUMNS: readonly Column<DeadLetter>[] = [
  { title: 'message', value: ({ id }) => id.slice(0, 8) },
  { title: 'queue', value: ({ queue }) => queue },
  { title: 'since', value: ({ since }) => since.slice(0, 19).replace('T', ' ') },
  { title: 'about', value: ({ about }) => about },
];

export function addDlq(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('dlq')
    .description('list the messages that nobody could work on, each with its reason');
  withCommonOptions(command).action(async (options: CommonOptions) => {
    const letters = await withCloud(options, async (client) => {
      const found = await listDeadLetters(client);
      if (options.json) printJson({ deadLetters: found });
      else printLetters(client, found);
      return found;
    });
    finish(letters.length === 0 ? EXIT.done : EXIT.rowsSetAside);
  });
}

function printLetters(client: CloudClient, letters: readonly DeadLetter[]): void {
  if (letters.length === 0) {
    print('No dead letters.');
    return;
  }
  print(formatTable(letters, COLUMNS));
  for (const { id, reason } of letters) print(`\n${id.slice(0, 8)}: ${reason}`);
  print(`
When its cause is mended, a message goes back with
  ${client.commandLine(`redrive ${letters[0]!.id.slice(0, 8)}`)}
or all of them with --all.`);
}
