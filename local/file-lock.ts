import { DatabaseSync } from 'node:sqlite';

/** Another process holds the lock (SQLite, "Result and Error Codes"). */
const SQLITE_BUSY = 5;

/** A lock that the operating system holds on an open file: it ends with the process, and only then. */
export class FileLock {
  #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
  }

  /**
   * Locks a file, which is created if necessary.
   * @returns undefined if another process holds the lock
   * @throws if the file cannot be written
   */
  static acquire(path: string): FileLock | undefined {
    let file: DatabaseSync | undefined;
    try {
      file = new DatabaseSync(path);
      file.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return new FileLock(file);
    } catch (error) {
      file?.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
      throw error;
    }
  }

  release(): void {
    this.#file.close();
  }
}
