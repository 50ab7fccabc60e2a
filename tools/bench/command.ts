import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseWhole } from '../../cli/command.ts';
import { type BenchOptions, PART_NAMES, type PartName } from './context.ts';

const MAX_ROWS = 100_000_000;
const MAX_RUNS = 10_000;

/** @param run replaced by tests */
export function addBench(program: Command, run = runBench): void {
  program
    .command('bench')
    .description(
      'measure throughput next to PostgreSQL’s COPY, the HTTP API, latency, memory, cold starts, the console and consumption',
    )
    .option('--rows <n>', 'rows of the file', parseWhole(1, MAX_ROWS), 1_000_000)
    .option('--runs <n>', 'pipeline runs of the throughput, for their median', parseWhole(1, MAX_RUNS), 1)
    .option('--files <n>', 'small files of the latency', parseWhole(1, MAX_RUNS), 50)
    .addOption(
      new Option('--only <parts>', `parts to run, of ${PART_NAMES.join(', ')}`)
        .argParser(parseParts)
        .default(PART_NAMES, 'all'),
    )
    .option('--memory-rows <list>', 'rows of each file for the memory (default: a tenth and all)', parseRows)
    .option(
      '--consumption-rows <list>',
      'rows of each file for the consumption (default: a tenth and all)',
      parseRows,
    )
    .option('--counted-rows <list>', 'rows of files whose requests are counted, not measured', parseRows, [])
    .option('--json', 'print one JSON document', false)
    .option('--write', 'write docs/performance.json, tools/cost/consumption.json and the tables', false)
    .action((options: BenchOptions) => run(options));
}

async function runBench(options: BenchOptions): Promise<void> {
  // The parts import the local cloud and the SDK, for which the other commands need not wait.
  await (await import('./run.ts')).runBench(options);
}

function parseParts(text: string): PartName[] {
  return text.split(',').map((part) => {
    const known = PART_NAMES.find((name) => name === part);
    if (known !== undefined) return known;
    throw new InvalidArgumentError(`There is no part "${part}". The parts are ${PART_NAMES.join(', ')}.`);
  });
}

function parseRows(text: string): number[] {
  return text.split(',').map(parseWhole(1, MAX_ROWS));
}
