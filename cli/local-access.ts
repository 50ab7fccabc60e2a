import { retry } from '../lambdas/shared/retry.ts';
import { pickOutputs } from '../lambdas/shared/stacks.ts';
import { DataDirectory, DataDirectoryInUseError, type RunningCloud } from '../local/data-directory.ts';
import { OPERATOR_KEY } from '../local/iam/access-control.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { type CloudAccess, CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import { LOCAL_PROJECT } from './local-project.ts';
import type { Io } from './output/console.ts';

const START_TIMEOUT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 200;

/** Describes a local cloud to the user of this machine's clients. */
export function localAccess({ endpoint, accessKeys, outputs }: RunningCloud): CloudAccess {
  return {
    connection: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: accessKeys[OPERATOR_KEY]! },
    },
    outputs: { ...pickOutputs('data', outputs).outputs, ...pickOutputs('pipeline', outputs).outputs },
    flags: [],
    name: 'the local cloud',
    afterLoss: 'they continue to load when it is started again (retail up)',
    pollMilliseconds: 100,
  };
}

interface OpenedCloud {
  readonly access: CloudAccess;
  readonly stop: () => Promise<void>;
}

/** Runs some work on the cloud that is running in a data directory, or on one that is started for its duration. */
export async function withLocalCloud<Result>(
  dataDir: string,
  io: Io,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  const directory = new DataDirectory(dataDir);
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  const { access, stop } = await retry(() => startOrConnect(directory, io), {
    shouldRetry: (error) => error instanceof UserError,
    delay: () => POLL_MILLISECONDS,
    deadline: () => deadline,
  });
  const client = new CloudClient(access, io.note);
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

/** @throws {UserError} if another process has the directory, and its cloud does not answer or not yet */
async function startOrConnect(directory: DataDirectory, io: Io): Promise<OpenedCloud> {
  try {
    const onProblem = ({ message }: Error) => io.note(message);
    const cloud = await LocalCloud.start({ directory, project: LOCAL_PROJECT, onProblem });
    return { access: localAccess(cloud.running), stop: () => cloud.stop() };
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
  }
  const running = directory.readRunning();
  const answer = running && (await fetch(running.endpoint).catch(() => undefined));
  if (running !== undefined && answer !== undefined) {
    return { access: localAccess(running), stop: async () => undefined };
  }
  throw new UserError(
    `the local cloud of ${directory.path} is in use but does not answer: stop it and run the command again`,
  );
}
