import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { FileLock } from './file-lock.ts';

/** Addresses and outputs of a running local cloud, for other programs on the machine. */
export interface RunningCloud {
  readonly pid: number;
  readonly endpoint: string;
  readonly databaseUrl: string;
  /** Secret access keys of the operator and of the users who have a managed policy, by access key id. */
  readonly accessKeys: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Signs the codes with which a browser signs in to pages of the APIs. */
  readonly signInSecret: string;
}

/** Changes with every release that cannot read the files that earlier ones wrote. */
const FORMAT = '3';

/** The folder with all state of a local cloud. */
export class DataDirectory {
  readonly path: string;
  #lock: FileLock | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Returns a folder in the directory, and creates it if necessary. */
  folder(name: string): string {
    return makePrivate(join(this.path, name));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Locks the directory for this process until `release`.
   * @throws {DataDirectoryInUseError} if another process holds the lock
   * @throws if the directory cannot be written, or another release wrote it in a format that this one does not read
   */
  lock(): void {
    try {
      makePrivate(this.path);
      // Names the reason, where SQLite only says "unable to open database file".
      accessSync(this.path, constants.W_OK);
      this.#lock = FileLock.acquire(this.file('lock'));
    } catch (cause) {
      throw new Error(
        `the data directory ${this.path} cannot be written: ${(cause as Error).message}. ` +
          'Give this user write access to it, or choose another with --data-dir',
        { cause },
      );
    }
    if (this.#lock === undefined) throw new DataDirectoryInUseError(this.path, this.readRunning()?.pid);
    this.#checkFormat();
    // A killed process leaves its addresses and its process id.
    rmSync(this.file('running.json'), { force: true });
  }

  #checkFormat(): void {
    const file = this.file('format');
    const isNew = !existsSync(this.file('postgres'));
    if (isNew) writeFileSync(file, FORMAT);
    if (existsSync(file) && readFileSync(file, 'utf8') === FORMAT) return;
    this.#lock?.release();
    this.#lock = undefined;
    throw new Error(
      `another release wrote the data directory ${this.path}, in a format that this release does not read. ` +
        'Nothing in it was changed. Move it away or choose another with --data-dir, and load the files again.',
    );
  }

  release(): void {
    rmSync(this.file('running.json'), { force: true });
    this.#lock?.release();
    this.#lock = undefined;
  }

  publish(cloud: RunningCloud): void {
    replaceFile(this.file('running.json'), cloud);
  }

  /** Reads what the last start published. Only the lock tells whether that cloud still runs. */
  readRunning(): RunningCloud | undefined {
    try {
      return JSON.parse(readFileSync(this.file('running.json'), 'utf8')) as RunningCloud;
    } catch {
      return undefined;
    }
  }
}

/** Creates a folder that only its owner may enter, or closes an existing one to others. */
function makePrivate(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
  return path;
}

/** Writes a private file in one step: it holds passwords, without which a database is lost. */
export function replaceFile(path: string, content: object): void {
  writeFileSync(`${path}.new`, JSON.stringify(content, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Another process holds the lock of the data directory. */
export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';

  constructor(path: string, pid: number | undefined) {
    // Only a cloud that other commands may use publishes its process id, once it has started.
    const who =
      pid === undefined
        ? 'a command, or by a pipeline that is starting or stopping: wait for it'
        : `process ${pid}: stop it first`;
    super(`the data directory ${path} is in use by ${who}, or choose another with --data-dir`);
  }
}
