import type { Results } from './results.ts';
import type { Setting } from './setting.ts';

/** How much each part measures. */
export interface PartOptions {
  readonly rows: number;
  readonly runs: number;
  readonly memoryRows: readonly number[];
  readonly growthRows: readonly number[];
  readonly countedRows: readonly number[];
}

type Part = (setting: Setting, options: PartOptions) => Promise<Omit<Results, 'schemaVersion'>>;

/** Loaded when it is their turn: some need the CDK, or esbuild. */
export const PARTS: Readonly<Record<string, Part>> = {
  throughput: async (setting, { rows }) => {
    const { measureThroughput } = await import('./throughput/throughput.ts');
    return { throughput: await measureThroughput(setting, rows) };
  },
  queue: async (setting, { rows }) => {
    const { measureQueueUse } = await import('./queue.ts');
    return { queue: await measureQueueUse(setting, rows) };
  },
  latency: async (setting, { runs }) => {
    const { measureSmallFile } = await import('./small-file/small-file.ts');
    return { smallFile: await measureSmallFile(setting, runs) };
  },
  memory: async (setting, { memoryRows }) => {
    const { measureMemory } = await import('./memory/memory.ts');
    return { memory: await measureMemory(setting, memoryRows) };
  },
  cold: async (setting) => {
    const { measureColdStart } = await import('./cold-start/cold-start.ts');
    return { coldStart: await measureColdStart(setting, 10) };
  },
  growth: async (setting, { growthRows, countedRows }) => {
    const { measureGrowth } = await import('./growth/growth.ts');
    return { growth: await measureGrowth(setting, growthRows, countedRows) };
  },
};
