export const PART_NAMES = [
  'throughput',
  'api',
  'latency',
  'memory',
  'cold-start',
  'console',
  'consumption',
] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface BenchOptions {
  readonly only: readonly PartName[];
  readonly rows: number;
  readonly runs: number;
  readonly files: number;
  readonly memoryRows?: readonly number[];
  readonly consumptionRows?: readonly number[];
  readonly countedRows: readonly number[];
  readonly json: boolean;
  readonly write: boolean;
}

/** Resources of one part of the benchmark. */
export interface BenchContext {
  /** Empty folder, which is deleted after the part. */
  readonly dir: string;
  /** Synthesized app with its bundles. */
  readonly assemblyDir: string;
  /** Date of the measurement, `YYYY-MM-DD`, and number of processors of the machine. */
  readonly measured: { readonly date: string; readonly processors: number };
  readonly note: (text: string) => void;
}
