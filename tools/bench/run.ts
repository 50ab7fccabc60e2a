import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { note, print, printJson } from '../../cli/output/console.ts';
import { synthesizeAssembly } from '../assembly.ts';
import { CHROMIUM } from '../chromium.ts';
import { CONSUMPTION_FILE } from '../cost/consumption.ts';
import { writeTables } from '../documents.ts';
import { measureApi } from './api.ts';
import { measureColdStart } from './cold-start.ts';
import { measureConsole } from './console.ts';
import { measureConsumption } from './consumption.ts';
import type { BenchContext, BenchOptions, PartName } from './context.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { formatMarkdown, formatText, RESULTS_FILE, type Results, readResults } from './tables.ts';
import { measureThroughput } from './throughput.ts';

const COLD_START_RUNS = 10;

type Part = (context: BenchContext, options: BenchOptions) => Promise<Partial<Results>>;

const PARTS: Readonly<Record<PartName, Part>> = {
  throughput: async (context, { rows, runs }) => ({
    throughput: await measureThroughput(context, rows, runs),
  }),
  api: async (context, { rows }) => ({ api: await measureApi(context, rows) }),
  latency: async (context, { files }) => ({ latency: await measureLatency(context, files) }),
  memory: async (context, { rows, memoryRows = chooseSizes(rows) }) => ({
    memory: await measureMemory(context, memoryRows),
  }),
  'cold-start': async (context) => ({ coldStart: await measureColdStart(context, COLD_START_RUNS) }),
  console: async (context, { rows }) => {
    if (CHROMIUM !== undefined) return { console: await measureConsole(context, rows) };
    context.note('skipped: there is no Chromium here (the variable CHROMIUM names one)');
    return {};
  },
  consumption: async (context, { rows, consumptionRows = chooseSizes(rows), countedRows }) => ({
    consumption: await measureConsumption(context, consumptionRows, countedRows),
  }),
};

/** Runs the chosen parts, one after the other, so that each has the whole machine, and prints their results. */
export async function runBench(options: BenchOptions): Promise<void> {
  await using root = await mkdtempDisposable(join(tmpdir(), 'retail-bench-'));
  const assemblyDir = join(root.path, 'assembly');
  await synthesizeAssembly(assemblyDir);
  let results: Results = { schemaVersion: 2 };
  for (const name of options.only) {
    note(`${name} …`);
    await using dir = await mkdtempDisposable(join(root.path, `${name}-`));
    const date = new Date().toISOString().slice(0, 10);
    const measured = { date, processors: availableParallelism() };
    const result = await PARTS[name]({ dir: dir.path, assemblyDir, measured, note }, options);
    results = { ...results, ...result };
  }
  if (options.json) printJson(addHeadline(results));
  else print(formatText(results).split('\n'));
  if (options.write) note(`written: ${writeResults(results).join(', ')}`);
}

function chooseSizes(rows: number): number[] {
  return [...new Set([Math.max(1, Math.floor(rows / 10)), rows])];
}

/** Puts the ratio to COPY first, for programs that read only one number. */
function addHeadline(results: Results): object {
  if (results.throughput === undefined) return results;
  const { rows, processors, ratioToCopy } = results.throughput;
  const { schemaVersion, ...parts } = results;
  return { schemaVersion, rows, processors, ratioToCopy, ...parts };
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
