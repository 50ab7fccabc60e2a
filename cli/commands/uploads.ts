import type { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readHistory } from '../ledger.ts';
import { type CommonOptions, parseWhole, withCommonOptions } from '../options.ts';
import { printEntries } from '../output/ledger-table.ts';
import { withCloud } from '../with-cloud.ts';

interface UploadsOptions extends CommonOptions {
  readonly limit?: number;
}

export function addUploads(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('uploads')
    .description('print the load history: every file, its status and what became of its rows')
    .option('--limit <n>', 'only the newest n', parseWhole(1, 1_000_000));
  withCommonOptions(command).action(async (options: UploadsOptions) => {
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    printEntries(await withCloud(options, (client) => readHistory(client, limit)), options.json);
    finish(EXIT.done);
  });
}
