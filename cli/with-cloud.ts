import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirectory, DataDirectoryInUseError, type RunningCloud } from '../local/data-directory.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import { note } from './output/console.ts';

const START_TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 200;

export interface CloudOptions {
  readonly dataDir: string;
}

/** Runs some work on the local cloud of a data directory: the one that runs there, or one started for its time. */
export async function withCloud<Result>(
  { dataDir }: CloudOptions,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  const directory = new DataDirectory(dataDir);
  const { running, stop } = await findOrStart(directory);
  const client = new CloudClient(running);
  const onInterrupt = () => void stop().finally(() => process.exit(130));
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  try {
    return await work(client);
  } finally {
    client.close();
    await stop();
    process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
  }
}

async function findOrStart(
  directory: DataDirectory,
): Promise<{ running: RunningCloud; stop: () => Promise<void> }> {
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  for (;;) {
    try {
      const cloud = await LocalCloud.start({ directory, onProblem: (problem) => note(problem.message) });
      return { running: cloud.running, stop: () => cloud.stop() };
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError)) throw error;
    }
    // Somebody has it: it runs, or is about to.
    const running = directory.readRunning();
    if (running !== undefined && (await answers(running.endpoint)))
      return { running, stop: async () => undefined };
    if (Date.now() > deadline) {
      throw new UserError(
        `the local cloud of ${directory.path} is in use and does not answer: stop it and try again`,
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  const response = await fetch(endpoint).catch(() => undefined);
  return response !== undefined;
}
