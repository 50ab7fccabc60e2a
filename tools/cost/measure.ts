import { availableParallelism } from 'node:os';
import type { Consumption } from './consumption.ts';
import { withPipelineRun } from './open-run.ts';
import type { PipelineRun } from './pipeline-run.ts';
import { minus, perMillion, shareOf } from './usage.ts';

const SMALL_FILES = 20;

/**
 * Runs the pipeline here, with small files and a large one, and counts what they use.
 * @param note hears how far it is
 */
export function measure(rows: number, note: (text: string) => void): Promise<Consumption> {
  return withPipelineRun((run) => measureRun(run, rows, note));
}

async function measureRun(
  run: PipelineRun,
  rows: number,
  note: (text: string) => void,
): Promise<Consumption> {
  // S3's test event and the starts are apart.
  await run.load([1]);
  const emptyDatabaseBytes = (await run.databaseState()).bytes;
  note(`${SMALL_FILES} files with one row`);
  const small = await run.load(Array.from({ length: SMALL_FILES }, () => 1));
  note(`one file with ${rows.toLocaleString('en-US')} rows`);
  const large = await run.load([rows]);
  note('the scheduled functions');
  const perSweep = await run.invoke('sweep');
  const perVerification = await run.invoke('verify');
  const perFile = shareOf(small, SMALL_FILES);
  return {
    measured: { date: new Date().toISOString().slice(0, 10), rows, processors: availableParallelism() },
    perMillionRows: perMillion(minus(large, perFile), rows),
    perFile,
    perSweep,
    perVerification,
    startMilliseconds: run.ofEach(({ startMilliseconds: starts }) => {
      return Math.ceil(starts.reduce((sum, start) => sum + start, 0) / Math.max(1, starts.length));
    }),
    metrics: run.ofEach(({ metrics }) => metrics.size),
    emptyDatabaseBytes,
  };
}
