import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirectory } from '../../../local/data-directory.ts';
import { round } from '../numbers.ts';
import type { Memory, MemoryRun } from '../results.ts';
import { fileNameOf, writeSample } from '../sample.ts';
import type { Setting } from '../setting.ts';
import { timePipeline } from '../throughput/pipeline.ts';
import { FunctionCloud } from './function-cloud.ts';

const MIB = 1_024 ** 2;
const FIRST_SEED = 20_000;

/**
 * The memory of parser and consumer for files of these sizes: the deployed bundles, each in a process of its own that
 * is fresh for each file, with the services of the local cloud in this one.
 */
export async function measureMemory(setting: Setting, sizes: readonly number[]): Promise<Memory> {
  await setting.stopCloud();
  const dir = join(setting.dir, 'memory');
  const cloud = await FunctionCloud.start({
    directory: new DataDirectory(dir),
    assemblyDir: await setting.assemblyDir(),
    onProblem: ({ message }) => setting.note(message),
  });
  const functions = new Map<string, { memoryMiB: number; runs: MemoryRun[] }>();
  try {
    for (const [index, rows] of sizes.entries()) {
      const file = join(setting.dir, fileNameOf(`memory_${index}`));
      await writeSample(file, rows, FIRST_SEED + index);
      await cloud.withFunctions(async (processes) => {
        const seconds = await timePipeline(cloud.running, file, rows);
        setting.note(`memory: ${rows.toLocaleString('en-US')} rows in ${seconds.toFixed(1)} s`);
        for (const process of processes) {
          const { environment, memoryMiB } = process.model;
          const name = environment.POWERTOOLS_SERVICE_NAME!;
          const { peakResidentBytes, heapAfterBytes } = await process.memory();
          const known = functions.get(name) ?? { memoryMiB, runs: [] };
          known.runs.push({
            rows,
            peakResidentMiB: round(peakResidentBytes / MIB, 10),
            heapAfterMiB: round(heapAfterBytes / MIB, 10),
          });
          functions.set(name, known);
        }
      });
      await rm(file);
    }
  } finally {
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
  return {
    ...setting.measured(),
    functions: [...functions].map(([name, { memoryMiB, runs }]) => {
      const peaks = runs.map(({ peakResidentMiB }) => peakResidentMiB);
      return { name, memoryMiB, runs, peakRatio: round(Math.max(...peaks) / Math.min(...peaks), 1_000) };
    }),
  };
}
