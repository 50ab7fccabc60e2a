import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** How to reach a local cloud that runs: what the command line needs, and nothing secret. */
export interface RunningCloud {
  readonly pid: number;
  readonly endpoint: string;
  readonly databaseUrl: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Where a local cloud keeps everything. */
export class DataDirectory {
  readonly path: string;
  #lock: DatabaseSync | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** A folder in it, made where it is missing. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Takes the directory for this process until `release`. The lock is one of the operating system on an open
   * file: it ends with the process however that ends, and is never taken from a process that lives.
   * @throws {DataDirectoryInUseError} where another process has it
   */
  lock(): void {
    try {
      mkdirSync(this.path, { recursive: true });
    } catch (cause) {
      throw new Error(`the data directory ${this.path} cannot be made: ${(cause as Error).message}`, {
        cause,
      });
    }
    const lock = new DatabaseSync(this.file('lock'));
    try {
      lock.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    } catch (cause) {
      lock.close();
      throw new DataDirectoryInUseError(this.path, this.readRunning()?.pid, { cause });
    }
    this.#lock = lock;
  }

  release(): void {
    rmSync(this.file('running.json'), { force: true });
    this.#lock?.close();
    this.#lock = undefined;
  }

  publish(cloud: RunningCloud): void {
    const draft = this.file('running.json.new');
    writeFileSync(draft, JSON.stringify(cloud, null, 2), { mode: 0o600 });
    renameSync(draft, this.file('running.json'));
  }

  /** What the last start left; whether it still runs, only the lock says. */
  readRunning(): RunningCloud | undefined {
    try {
      return JSON.parse(readFileSync(this.file('running.json'), 'utf8')) as RunningCloud;
    } catch {
      return undefined;
    }
  }
}

/** Somebody else works on the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';

  constructor(path: string, pid: number | undefined, options: ErrorOptions) {
    const who = pid === undefined ? 'another process, which is just starting or stopping' : `process ${pid}`;
    super(
      `the data directory ${path} is in use by ${who}: stop it first, or choose another with --data-dir`,
      options,
    );
  }
}
