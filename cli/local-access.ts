import { setTimeout as sleep } from 'node:timers/promises';
import { pickOutputs } from '../lambdas/shared/stacks.ts';
import { DataDirectory, DataDirectoryInUseError, type RunningCloud } from '../local/data-directory.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import type { CloudAccess } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import { LOCAL_PROJECT } from './local-project.ts';
import { note } from './output/console.ts';

const START_TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 200;

/** Describes a local cloud to the user of this machine's clients. */
export function localAccess({ endpoint, outputs }: RunningCloud): CloudAccess {
  return {
    connection: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'operator', secretAccessKey: 'operator' },
    },
    outputs: { ...pickOutputs('data', outputs).outputs, ...pickOutputs('pipeline', outputs).outputs },
    flags: '',
    name: 'the local cloud',
    afterLoss: 'they continue to load when it is started again (retail up)',
    pollMilliseconds: 100,
  };
}

/** Finds the cloud that is running in a data directory, or starts one. */
export async function openLocal(
  dataDir: string,
): Promise<{ access: CloudAccess; stop: () => Promise<void> }> {
  const directory = new DataDirectory(dataDir);
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  for (;;) {
    try {
      const cloud = await LocalCloud.start({
        project: LOCAL_PROJECT,
        directory,
        onProblem: (problem) => note(problem.message),
      });
      return { access: localAccess(cloud.running), stop: () => cloud.stop() };
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError)) throw error;
    }
    // Another process has the directory: its cloud is running or starting.
    const running = directory.readRunning();
    if (running !== undefined && (await answers(running.endpoint))) {
      return { access: localAccess(running), stop: async () => undefined };
    }
    if (Date.now() > deadline) {
      throw new UserError(
        `the local cloud of ${directory.path} is in use but does not answer: stop it and run the command again`,
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}

async function answers(endpoint: string): Promise<boolean> {
  const response = await fetch(endpoint).catch(() => undefined);
  return response !== undefined;
}
