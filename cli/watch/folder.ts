import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeEnding } from '../../lambdas/core/upload-key.ts';
import { UPLOADED } from '../find-files.ts';
import type { ShopFile } from './shop-bucket.ts';

/** Names that programs give to files which are not complete: hidden ones, locks of Office, and downloads. */
const UNFINISHED = /^[.~]|~$|\.(tmp|temp|part|partial|filepart|crdownload|download|lock|swp)$/i;
export const LOCK_NAME = '.retail-watch-lock';
/** Maximum length of a name to which an ending is appended. A character of JavaScript has at most 3 bytes. */
const MAX_NAME_BYTES = 225;
const RESULTS = ['sent', 'problems'] as const;
export type ResultFolder = (typeof RESULTS)[number];

/** A file of the folder as it is now. */
export interface FoundFile {
  readonly name: string;
  readonly size: number;
  /** Another text after each change of the file. */
  readonly state: string;
}

/** The folder in which a shop saves its files, with the folders of those that are done. */
export class ShopFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws if the folder does not exist or cannot be written */
  async prepare(): Promise<void> {
    // Not recursive: a folder that is mistyped, or on a share that is away, is not created.
    for (const result of RESULTS) {
      await mkdir(join(this.path, result)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  }

  /**
   * Lists the files that a shop may have saved, the oldest first.
   * @returns them, and the names of other files
   */
  async list(): Promise<{ files: FoundFile[]; skipped: string[] }> {
    const entries = await readdir(this.path, { withFileTypes: true });
    const candidates = entries.filter((entry) => !entry.isDirectory() && !UNFINISHED.test(entry.name));
    const [files, skipped] = [[] as (FoundFile & { time: number })[], [] as string[]];
    for (const entry of candidates) {
      // A link may lead to a file that is not the shop's.
      const stats = entry.isFile() && UPLOADED.test(entry.name) ? await this.#look(entry.name) : 'skipped';
      if (stats === 'skipped') skipped.push(entry.name);
      else if (stats !== undefined) files.push(stats);
    }
    return { files: files.sort((a, b) => a.time - b.time), skipped };
  }

  /** @throws if the file cannot be read, such as one that another program has locked */
  async read({ name, size }: FoundFile): Promise<ShopFile> {
    const path = join(this.path, name);
    return { path, name, size, digest: await hashFile(path) };
  }

  async hasChanged({ name, state }: FoundFile): Promise<boolean> {
    return (await this.#look(name))?.state !== state;
  }

  /**
   * Moves a file that is done, after its receipt. A file with the same name and other content stays.
   * @returns the path in the folder
   */
  async move({ name, digest }: ShopFile, result: ResultFolder, receipt: string): Promise<string> {
    const existing = await hashFile(join(this.path, result, name)).catch(() => undefined);
    const isFree = existing === undefined || existing.equals(digest);
    const number = digest.toString('hex').slice(0, 8);
    const stem = removeEnding(name);
    const newName = isFree ? name : `${shorten(stem)}-${number}${name.slice(stem.length)}`;
    const target = join(result, newName);
    const isShort = Buffer.byteLength(newName) <= MAX_NAME_BYTES;
    const receiptName = `${isShort ? newName : `${shorten(newName)}-${number}`}.receipt.txt`;
    const text = join(this.path, result, receiptName);
    await writeFile(`${text}.tmp`, receipt);
    await rename(`${text}.tmp`, text);
    await rename(join(this.path, name), join(this.path, target));
    return target;
  }

  /** @returns undefined if the file is gone */
  async #look(name: string): Promise<(FoundFile & { time: number }) | undefined> {
    const stats = await lstat(join(this.path, name)).catch(() => undefined);
    if (stats === undefined) return undefined;
    const { size, mtimeMs, ino } = stats;
    return { name, size, time: mtimeMs, state: [size, mtimeMs, ino].join() };
  }
}

/** Shortens a name so that an ending fits: a file system limits names to 255 bytes. */
function shorten(name: string): string {
  return name.slice(0, MAX_NAME_BYTES / 3).toWellFormed();
}

async function hashFile(path: string): Promise<Buffer> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest();
}
