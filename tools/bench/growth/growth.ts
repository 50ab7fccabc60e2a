import type { Usage } from '../../cost/consumption.ts';
import { readInventory } from '../../cost/inventory.ts';
import { withPipelineRun } from '../../cost/open-run.ts';
import { perMillion, round } from '../numbers.ts';
import type { Growth, GrowthRun } from '../results.ts';
import type { Setting } from '../setting.ts';
import { countRun } from './count-run.ts';

const MIB_PER_GB = 1_024;
/** Functions start with it, and V8 compiles what they use most: a file alone would seem dearer for being first. */
const WARM_UP_ROWS = 50_000;

/** Whether a row of a large file costs what one of a small file does. */
export async function measureGrowth(
  setting: Setting,
  measuredSizes: readonly number[],
  countedSizes: readonly number[],
): Promise<Growth> {
  await setting.stopCloud();
  const { functionMemoryMiB } = readInventory('dev');
  const runs = await withPipelineRun(
    async (run) => {
      await run.load([WARM_UP_ROWS]);
      const measured: GrowthRun[] = [];
      for (const rows of measuredSizes) {
        measured.push(growthRun(rows, await run.load([rows]), functionMemoryMiB));
        setting.note(`growth: ${rows.toLocaleString('en-US')} rows through the pipeline`);
      }
      return measured;
    },
    await setting.assemblyDir(),
  );
  for (const rows of countedSizes) {
    runs.push(await countRun(rows));
    setting.note(`growth: ${rows.toLocaleString('en-US')} rows parsed and counted`);
  }
  return { ...setting.measured(), runs };
}

function growthRun(
  rows: number,
  usage: Usage,
  memoryMiB: Readonly<Record<'parse' | 'load', number>>,
): GrowthRun {
  const works = [usage.parse, usage.load];
  const milliseconds = [memoryMiB.parse, memoryMiB.load].map((memory, index) => {
    const { cpuMilliseconds, waitMilliseconds } = works[index]!;
    return memory * (cpuMilliseconds + waitMilliseconds);
  });
  const gbSeconds = milliseconds.reduce((sum, value) => sum + value, 0) / MIB_PER_GB / 1_000;
  const processorSeconds = works.reduce((sum, { cpuMilliseconds }) => sum + cpuMilliseconds, 0) / 1_000;
  return {
    rows,
    basis: 'measured',
    messagesPerMillionRows: round(perMillion(usage.messages, rows), 10),
    sqsRequestsPerMillionRows: round(perMillion(usage.sqsRequests, rows), 10),
    dataApiRequestsPerMillionRows: round(perMillion(usage.dataApiRequests, rows), 10),
    lambdaGbSecondsPerMillionRows: round(perMillion(gbSeconds, rows), 100),
    lambdaProcessorSecondsPerMillionRows: round(perMillion(processorSeconds, rows), 100),
  };
}
