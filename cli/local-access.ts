import { setTimeout as sleep } from 'node:timers/promises';
import { pickOptionalOutputs, pickOutputs } from '../lambdas/shared/stacks.ts';
import type { LocalCloudOptions } from '../local/cloud-options.ts';
import { DataDirectory, DataDirectoryInUseError, type RunningCloud } from '../local/data-directory.ts';
import { OPERATOR_KEY } from '../local/iam/access-control.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { type CloudAccess, CloudClient } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import { dataDirFlags, defaultDataDir, LOCAL_PROJECT } from './local-project.ts';
import { formatCommand, type Io, quoteForShell } from './output/console.ts';

/** Time without an answer after which a running cloud counts as hung. */
const SILENCE_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 200;

/** Describes the local cloud of a data directory to the user of this machine's clients. */
export function localAccess(
  { endpoint, accessKeys, outputs }: RunningCloud,
  dataDir = defaultDataDir(),
): CloudAccess {
  return {
    connection: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: OPERATOR_KEY, secretAccessKey: accessKeys[OPERATOR_KEY]! },
    },
    outputs: {
      ...pickOutputs('data', outputs).outputs,
      ...pickOutputs('pipeline', outputs).outputs,
      ...pickOptionalOutputs(outputs),
    },
    flags: dataDirFlags(dataDir),
    name: 'the local cloud',
    afterLoss: 'they continue to load when it is started again (retail up)',
    pollMilliseconds: 100,
  };
}

/** Reads the addresses of the cloud that is running in a data directory. @throws {UserError} if there is none */
export function readRunningCloud(dataDir: string): RunningCloud {
  const running = new DataDirectory(dataDir).readRunning();
  if (running !== undefined && isAlive(running.pid)) return running;
  throw new UserError(
    `no local cloud is running in ${dataDir}: start it with "${formatCommand('up', ...dataDirFlags(dataDir))}"`,
  );
}

/** True if a process exists: a cloud that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Beginning of the refusal in sql/bootstrap.sql. */
const OTHER_VERSION = 'another version made this database';

/**
 * Starts the local cloud of this project.
 * @throws {UserError} with the commands that rebuild the database, if it is of another version
 */
export async function startLocalCloud(options: Omit<LocalCloudOptions, 'project'>): Promise<LocalCloud> {
  try {
    return await LocalCloud.start({ ...options, project: LOCAL_PROJECT });
  } catch (error) {
    throw explainOtherVersion(error, options);
  }
}

/** Names the commands that rebuild a database of another version. Other errors stay as they are. */
export function explainOtherVersion(
  error: unknown,
  { directory, databaseUrl }: Pick<LocalCloudOptions, 'directory' | 'databaseUrl'>,
): unknown {
  if (!(error instanceof Error) || !error.message.includes(OTHER_VERSION)) return error;
  const replay = formatCommand('replay', '--all', ...dataDirFlags(directory.path));
  const folder = quoteForShell(directory.file('postgres'));
  // The URL may have a password.
  const [database, then, putAside] =
    databaseUrl === undefined
      ? [folder, 'and load', `mv ${folder} ${folder}.former`]
      : [
          'the database',
          'start again, and load',
          `psql DATABASE_URL -c 'ALTER DATABASE retail RENAME TO retail_former'`,
        ];
  const text = `another version of this program made ${database}. Nothing was changed. Put it aside, ${then} the files of the bucket:`;
  return new UserError([text, putAside, replay].join('\n'), EXIT.failed, { cause: error });
}

interface OpenedCloud {
  readonly access: CloudAccess;
  readonly stop: () => Promise<void>;
  /** Says what happens to running uploads when the command is interrupted. */
  readonly afterInterrupt: string;
}

/** Calls a function when the user or the system ends the program: Ctrl-C, kill, or the terminal was closed. */
export function onStopSignal(listener: () => void): Disposable {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, listener);
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}

/** Runs some work on the cloud that is running in a data directory, or on one that is started for its duration. */
export async function withLocalCloud<Result>(
  dataDir: string,
  io: Io,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  const { access, stop, afterInterrupt } = await openCloud(new DataDirectory(dataDir), io);
  const client = new CloudClient(access, io.note);
  using _ = onStopSignal(() => {
    io.note(`Interrupted. Files that are in the bucket ${afterInterrupt}.`);
    void stop().finally(() => process.exit(130));
  });
  try {
    return await work(client);
  } finally {
    client.close();
    await stop();
  }
}

/**
 * Connects to the cloud that is running in a data directory, or starts one. While another command has one for itself,
 * it waits.
 * @throws {UserError} if the running cloud does not answer
 */
async function openCloud(directory: DataDirectory, io: Io): Promise<OpenedCloud> {
  let silentSince = Date.now();
  for (let hasWaited = false; ; hasWaited = true) {
    const cloud = (await start(directory, io)) ?? (await connect(directory));
    if (cloud !== undefined) return cloud;
    if (directory.readRunning() === undefined) silentSince = Date.now();
    if (Date.now() - silentSince > SILENCE_MILLISECONDS) {
      throw new UserError(
        `the local cloud of ${directory.path} is in use but does not answer: stop it and run the command again`,
      );
    }
    if (!hasWaited) io.note(`Waiting for another command that uses the data directory ${directory.path} …`);
    await sleep(POLL_MILLISECONDS);
  }
}

/** Starts a cloud for this command alone, which stops after it. @returns undefined if another process has the directory */
async function start(directory: DataDirectory, io: Io): Promise<OpenedCloud | undefined> {
  try {
    const onProblem = ({ message }: Error) => io.note(message);
    const cloud = await startLocalCloud({ directory, onProblem, isShared: false });
    io.note(`Started the local cloud of ${directory.path} for this command.`);
    const afterInterrupt = 'continue to load with the next command, such as "retail up"';
    return { access: localAccess(cloud.running, directory.path), stop: () => cloud.stop(), afterInterrupt };
  } catch (error) {
    if (error instanceof DataDirectoryInUseError) return undefined;
    throw error;
  }
}

async function connect(directory: DataDirectory): Promise<OpenedCloud | undefined> {
  const running = directory.readRunning();
  const answer = running && (await fetch(running.endpoint).catch(() => undefined));
  if (running === undefined || answer === undefined) return undefined;
  return {
    access: localAccess(running, directory.path),
    stop: async () => undefined,
    afterInterrupt: 'continue to load',
  };
}
