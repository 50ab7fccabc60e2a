import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { FunctionLogs } from './function-logs.ts';
import { PipelineRun } from './pipeline-run.ts';
import { Recorder } from './recorder.ts';

/**
 * Starts a local cloud, lets something be measured in it, and stops it.
 * @param assemblyDir of the synthesized app. @default it is synthesized
 * @throws {Error} the first thing that went wrong in the cloud, too
 */
export async function withPipelineRun<Result>(
  work: (run: PipelineRun) => Promise<Result>,
  assemblyDir?: string,
): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'retail-cost-'));
  const recorder = new Recorder();
  const problems: Error[] = [];
  const directory = new DataDirectory(join(dir, 'data'));
  const cloud = await LocalCloud.start({
    directory,
    faults: recorder,
    onProblem: (problem) => problems.push(problem),
    ...(assemblyDir !== undefined && { assemblyDir }),
  });
  const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
  const client = new CloudClient(localAccess(cloud.running));
  try {
    await database.connect();
    const logs = new FunctionLogs(directory.folder('logs'));
    const result = await work(new PipelineRun({ dir, cloud, client, database, recorder, logs }));
    if (problems.length > 0) throw problems[0];
    return result;
  } finally {
    client.close();
    await database.end();
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
