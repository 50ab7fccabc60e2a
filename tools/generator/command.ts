import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { parseDay, parseWhole } from '../../cli/command.ts';
import { generateCsv, generateNdjson, type SampleOptions } from './generator.ts';

const MAX_ROWS = 1_000_000_000;
const MAX_DAYS = 10_000;
const MAX_SEED = 2 ** 32 - 1;

export function addGenerate(program: Command): void {
  program
    .command('generate')
    .description('write made-up transactions; the same options give the same file')
    .requiredOption('--rows <n>', 'number of rows', parseWhole(0, MAX_ROWS))
    .option(
      '--seed <n>',
      'seed of the random numbers (default: the digits of --date)',
      parseWhole(0, MAX_SEED),
    )
    .requiredOption('--date <YYYY-MM-DD>', 'day of the transactions', parseDay)
    .option(
      '--days <n>',
      'number of days to spread the rows over, ending with --date',
      parseWhole(1, MAX_DAYS),
      1,
    )
    .option('--broken <n>', 'number of rows that break a rule', parseWhole(0, MAX_ROWS), 0)
    .option('--ndjson', 'write one JSON object a line instead of CSV', false)
    .option('--out <file>', 'file to write (default: standard output)')
    .action(generate);
}

interface GenerateOptions extends Omit<SampleOptions, 'seed'> {
  readonly seed?: number;
  readonly ndjson: boolean;
  readonly out?: string;
}

/** Two days never have the same ids, unless the seed is given. */
async function generate({ out, seed, ndjson, ...options }: GenerateOptions): Promise<void> {
  const write = ndjson ? generateNdjson : generateCsv;
  const content = write({ ...options, seed: seed ?? Number(options.date.replaceAll('-', '')) });
  const target = out === undefined ? process.stdout : createWriteStream(out);
  await pipeline(content, target, { end: out !== undefined }).catch((error) => {
    // The reader of a pipe may close it early, as `head` does.
    if (error.code !== 'EPIPE') throw error;
  });
}
