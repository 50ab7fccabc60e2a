import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { CloudClient } from '../cli/cloud-client.ts';
import { localAccess } from '../cli/local-access.ts';
import { DataDirectory } from '../local/data-directory.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import type { Consumption } from './consumption.ts';
import { FunctionLogs } from './function-logs.ts';
import { PipelineRun } from './pipeline-run.ts';
import { Recorder } from './recorder.ts';
import { minus, perMillion, shareOf } from './usage.ts';

const SMALL_FILES = 20;

/**
 * Runs the pipeline here, with small files and a large one, and counts what they use.
 * @param note hears how far it is
 */
export async function measure(rows: number, note: (text: string) => void): Promise<Consumption> {
  const dir = await mkdtemp(join(tmpdir(), 'retail-cost-'));
  const recorder = new Recorder();
  const problems: Error[] = [];
  const directory = new DataDirectory(join(dir, 'data'));
  const cloud = await LocalCloud.start({
    directory,
    faults: recorder,
    onProblem: (problem) => problems.push(problem),
  });
  const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
  const client = new CloudClient(localAccess(cloud.running));
  try {
    await database.connect();
    const run = new PipelineRun({
      dir,
      cloud,
      client,
      database,
      recorder,
      logs: new FunctionLogs(directory.folder('logs')),
    });
    // S3's test event and the starts are apart.
    await run.load([1]);
    const emptyDatabaseBytes = (await run.databaseState()).bytes;
    note(`${SMALL_FILES} files with one row`);
    const small = await run.load(Array.from({ length: SMALL_FILES }, () => 1));
    note(`one file with ${rows.toLocaleString('en-US')} rows`);
    const large = await run.load([rows]);
    note('the scheduled functions');
    const perSweep = await run.invoke('sweeper');
    const perVerification = await run.invoke('verifier');
    if (problems.length > 0) throw problems[0];
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
  } finally {
    client.close();
    await database.end();
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
