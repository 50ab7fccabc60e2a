import { readFileSync } from 'node:fs';
import type { Consumption } from '../cost/consumption.ts';
import type { measureColdStart } from './cold-start.ts';
import type { measureConsumption } from './consumption.ts';
import type { measureLatency } from './latency.ts';
import type { measureMemory } from './memory.ts';
import type { measureThroughput } from './throughput.ts';

type Result<Measure extends (...args: never[]) => unknown> = Awaited<ReturnType<Measure>>;

/** Results of the benchmark, printed as JSON and kept in `docs/performance.json`. The names carry the units. */
export interface Results {
  readonly schemaVersion: 2;
  readonly throughput?: Result<typeof measureThroughput>;
  readonly latency?: Result<typeof measureLatency>;
  readonly memory?: Result<typeof measureMemory>;
  readonly coldStart?: Result<typeof measureColdStart>;
  /** The numbers that the cost estimate uses are kept in `tools/cost/consumption.json`. */
  readonly consumption?: Omit<Result<typeof measureConsumption>, keyof Consumption> & Partial<Consumption>;
}

export const RESULTS_FILE = new URL('../../docs/performance.json', import.meta.url);

/** Reads the results that the documentation shows. */
export function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS_FILE, 'utf8')) as Results;
}
