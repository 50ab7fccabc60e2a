import { retry } from '../lambdas/shared/retry.ts';
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

interface OpenedCloud {
  readonly access: CloudAccess;
  readonly stop: () => Promise<void>;
}

/** Finds the cloud that is running in a data directory, or starts one. */
export async function openLocal(dataDir: string): Promise<OpenedCloud> {
  const directory = new DataDirectory(dataDir);
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  return retry(() => startOrConnect(directory), {
    shouldRetry: (error) => error instanceof UserError,
    delay: () => POLL_MILLISECONDS,
    deadline: () => deadline,
  });
}

/** @throws {UserError} if another process has the directory, and its cloud does not answer or not yet */
async function startOrConnect(directory: DataDirectory): Promise<OpenedCloud> {
  try {
    const onProblem = (problem: Error) => note(problem.message);
    const cloud = await LocalCloud.start({ directory, project: LOCAL_PROJECT, onProblem });
    return { access: localAccess(cloud.running), stop: () => cloud.stop() };
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
  }
  const running = directory.readRunning();
  if (running !== undefined && (await answers(running.endpoint))) {
    return { access: localAccess(running), stop: async () => undefined };
  }
  throw new UserError(
    `the local cloud of ${directory.path} is in use but does not answer: stop it and run the command again`,
  );
}

async function answers(endpoint: string): Promise<boolean> {
  const response = await fetch(endpoint).catch(() => undefined);
  return response !== undefined;
}
