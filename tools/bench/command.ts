import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseWhole } from '../../cli/options.ts';
import { note, print, printJson } from '../../cli/output/console.ts';
import { CONSUMPTION_FILE } from '../cost/consumption.ts';
import { writeTables } from '../documents.ts';
import { BenchContext } from './context.ts';
import type { Results } from './results.ts';
import { formatMarkdown, formatText } from './tables.ts';

const MAX_ROWS = 100_000_000;
const MAX_RUNS = 10_000;
const COLD_START_RUNS = 10;
const RESULTS_FILE = new URL('../../docs/performance.json', import.meta.url);

export interface BenchOptions {
  /** Names of `PARTS`. */
  readonly only: readonly string[];
  readonly rows: number;
  readonly runs: number;
  readonly files: number;
  readonly memoryRows?: readonly number[];
  readonly consumptionRows?: readonly number[];
  readonly countedRows: readonly number[];
  readonly json: boolean;
  readonly write: boolean;
}

type Part = (context: BenchContext, options: BenchOptions) => Promise<Partial<Results>>;

/** Parts of the benchmark. Each is imported when it runs, because some load the CDK. */
const PARTS: Readonly<Record<string, Part>> = {
  throughput: async (context, { rows, runs }) => {
    const { measureThroughput } = await import('./throughput.ts');
    return { throughput: await measureThroughput(context, rows, runs) };
  },
  latency: async (context, { files }) => {
    const { measureLatency } = await import('./latency.ts');
    return { latency: await measureLatency(context, files) };
  },
  memory: async (context, { rows, memoryRows = chooseSizes(rows) }) => {
    const { measureMemory } = await import('./memory.ts');
    return { memory: await measureMemory(context, memoryRows) };
  },
  'cold-start': async (context) => {
    const { measureColdStart } = await import('./cold-start.ts');
    return { coldStart: await measureColdStart(context, COLD_START_RUNS) };
  },
  consumption: async (context, { rows, consumptionRows = chooseSizes(rows), countedRows }) => {
    const { measureConsumption } = await import('./consumption.ts');
    return { consumption: await measureConsumption(context, consumptionRows, countedRows) };
  },
};
const PART_NAMES = Object.keys(PARTS);

/** @param run replaced by tests */
export function addBench(program: Command, run: (options: BenchOptions) => Promise<void> = runBench): void {
  program
    .command('bench')
    .description('measure throughput next to PostgreSQL’s COPY, latency, memory, cold starts and consumption')
    .option('--rows <n>', 'rows of the file', parseWhole(1, MAX_ROWS), 1_000_000)
    .option(
      '--runs <n>',
      'pipeline runs of the throughput; the result is their median',
      parseWhole(1, MAX_RUNS),
      1,
    )
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
    .action(run);
}

async function runBench(options: BenchOptions): Promise<void> {
  await using context = await BenchContext.open(note);
  let results: Results = { schemaVersion: 2 };
  for (const name of options.only) {
    note(`${name} …`);
    results = { ...results, ...(await PARTS[name]!(context, options)) };
  }
  if (options.json) printJson(addHeadline(results));
  else print(formatText(results));
  if (options.write) note(`written: ${writeResults(results).join(', ')}`);
}

/** Reads the results that the documentation shows. */
export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results;
}

/**
 * Replaces the stored results of the parts that ran.
 * @returns the names of the written files
 */
function writeResults(measured: Results): string[] {
  const { consumption, ...others } = measured;
  const stored = { ...readResults(), ...others };
  const written = ['docs/performance.json'];
  if (consumption !== undefined) {
    const { date, processors, minSqsRequestsPerMillionRows, files, ...perUnit } = consumption;
    Object.assign(stored, { consumption: { date, processors, minSqsRequestsPerMillionRows, files } });
    writeJson(CONSUMPTION_FILE, perUnit);
    written.push('tools/cost/consumption.json (npm run cost -- --write updates the table of costs)');
  }
  writeJson(RESULTS_FILE, stored);
  return [...written, ...writeTables('bench', (name) => formatMarkdown(name, stored))];
}

function writeJson(file: URL, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Puts the ratio to COPY first, for programs that read only one number. */
function addHeadline(results: Results): object {
  if (results.throughput === undefined) return results;
  const { rows, processors, ratioToCopy } = results.throughput;
  const { schemaVersion, ...parts } = results;
  return { schemaVersion, rows, processors, ratioToCopy, ...parts };
}

function chooseSizes(rows: number): number[] {
  return [...new Set([Math.max(1, Math.floor(rows / 10)), rows])];
}

function parseParts(text: string): string[] {
  const parts = text.split(',');
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown === undefined) return parts;
  throw new InvalidArgumentError(`There is no part "${unknown}". The parts are ${PART_NAMES.join(', ')}.`);
}

function parseRows(text: string): number[] {
  return text.split(',').map(parseWhole(1, MAX_ROWS));
}
