#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../../cli/exit-codes.ts';
import { parseWhole } from '../../cli/options.ts';
import { note, print, printJson } from '../../cli/output/console.ts';
import { CONSUMPTION_FILE, readConsumption } from './consumption.ts';
import { estimate } from './estimate.ts';
import { readInventory } from './inventory.ts';
import type { Workload } from './month.ts';
import { readPrices } from './prices.ts';
import { formatLines, toJson } from './report.ts';
import { formatSizes } from './sizes.ts';

const MOST_ROWS = 10_000_000_000;
const MOST_FILES = 1_000_000;
const HELP = `
List prices of cost/prices.json without tax and free tiers, times what cost/consumption.json says
that rows and files use. Lambda's time is that of the machine that measured, a processor of which
counts as one of Lambda's. Not counted: Aurora's own backups beyond the size of its volume, access and
network logs, the monthly restore test, transfer of copies to another region.`;

interface Options extends Partial<Workload> {
  readonly stage: string;
  readonly months: number;
  readonly athenaGb: number;
  readonly quicksightAuthors: number;
  readonly quicksightReaders: number;
  readonly rows: number;
  readonly json: boolean;
  readonly table: boolean;
  readonly measure: boolean;
}

const command = new Command('cost')
  .description('estimate what a stage costs in a month on AWS')
  .option('--rows-per-day <n>', 'rows that shops drop in a day', parseWhole(0, MOST_ROWS))
  .option('--files-per-day <n>', 'files that they are in (default: one)', parseWhole(0, MOST_FILES))
  .option('--stage <name>', 'the stage whose settings count', 'dev')
  .option('--months <n>', 'months since the first row: what is kept grows', parseWhole(1, 120), 12)
  .option('--athena-gb <n>', 'GB that queries of Athena scan in a month', parseWhole(0, 1_000_000), 0)
  .option('--quicksight-authors <n>', 'authors of QuickSight', parseWhole(0, 10_000), 0)
  .option('--quicksight-readers <n>', 'readers of QuickSight', parseWhole(0, 100_000), 0)
  .option('--json', 'print one JSON document', false)
  .option('--table', 'print the table of the README', false)
  .option('--measure', 'run the pipeline here, and write what it uses to cost/consumption.json', false)
  .option('--rows <n>', 'rows to measure with', parseWhole(1_000, 10_000_000), 1_000_000)
  .addHelpText('after', HELP)
  .showHelpAfterError('(--help shows how it is used)')
  .exitOverride();

/** Something is missing among the options, or they do not go together. */
function refuse(message: string): never {
  return command.error(`error: ${message}`, { exitCode: EXIT.wrongUsage });
}

function workloadOf(options: Options): Workload {
  const { rowsPerDay, stage, json, table, measure, rows, ...rest } = options;
  if (rowsPerDay === undefined) refuse('--rows-per-day is missing (or use --table or --measure)');
  const { filesPerDay = rowsPerDay === 0 ? 0 : 1 } = options;
  if (rowsPerDay > 0 && filesPerDay === 0) refuse('--files-per-day 0 has no rows: rows come in files');
  return { ...rest, rowsPerDay, filesPerDay };
}

function inventoryOf(stage: string) {
  try {
    return readInventory(stage);
  } catch (error) {
    return refuse((error as Error).message);
  }
}

async function run(): Promise<void> {
  const options = command.parse().opts<Options>();
  if (options.measure) {
    const { measure } = await import('./measure.ts');
    writeFileSync(CONSUMPTION_FILE, `${JSON.stringify(await measure(options.rows, note), null, 2)}\n`);
    print('cost/consumption.json is written. --table prints the table of the README anew.');
  } else if (options.table) {
    print(formatSizes());
  } else {
    const workload = workloadOf(options);
    const lines = estimate(workload, inventoryOf(options.stage), readConsumption(), readPrices());
    if (options.json) printJson({ stage: options.stage, ...workload, ...toJson(lines) });
    else print(formatLines(lines));
  }
}

try {
  await run();
  // What was measured with may still wait for something.
  process.exit(EXIT.done);
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage);
  note(`cost: ${(error as Error).message}`);
  process.exit(EXIT.failed);
}
