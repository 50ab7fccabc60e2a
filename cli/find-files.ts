import { readdir, stat } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { buildUploadKey, DEFAULT_STORE, FILE_ENDINGS, STORE_PATTERN } from '../lambdas/core/upload-key.ts';
import { EXIT, UserError, wrongUsage } from './exit-codes.ts';
import type { Io } from './output/console.ts';

/** Names of the files that are uploaded from a folder. */
export const UPLOADED = new RegExp(`\\.(?:${FILE_ENDINGS.join('|')}|gz|zip)$`, 'i');
const STORE_FOLDER = 'store=';
/** Skipped files that are named. */
const MAX_SKIPPED = 10;

/** A file of this machine, and the key of its object in the bucket. */
export interface LocalFile {
  readonly path: string;
  readonly key: string;
}

/**
 * Finds the files at some paths: a file itself, and every file below a folder whose ending the data contract allows,
 * sorted by name. The others are named. A folder `store=NAME` gives the store of its files, as in the bucket.
 * @param store of all files; by default that of their folder, or else the default store
 * @throws {UserError} if a path does not exist or has no such file, or its folder is that of another store
 */
export async function findFiles(
  paths: readonly string[],
  store: string | undefined,
  io: Io,
): Promise<LocalFile[]> {
  const lists = await Promise.all(paths.map(findBelow));
  const skipped = lists.flatMap((list) => list.skipped);
  if (skipped.length > 0) {
    const more = skipped.length > MAX_SKIPPED ? ` and ${skipped.length - MAX_SKIPPED} more` : '';
    io.note(
      `Skipped, because the name does not end with .${FILE_ENDINGS.join(', .')}, .gz or .zip: ` +
        `${skipped.slice(0, MAX_SKIPPED).join(', ')}${more}`,
    );
  }
  return lists.flatMap(({ files }) => files.map((path) => ({ path, key: keyOf(path, store) })));
}

async function findBelow(path: string): Promise<{ files: readonly string[]; skipped: readonly string[] }> {
  const stats = await stat(path).catch((cause: Error) => {
    throw new UserError(`${path} cannot be read: ${cause.message}`, EXIT.failed, { cause });
  });
  if (!stats.isDirectory()) return { files: [path], skipped: [] };
  const entries = (await readdir(path, { recursive: true, withFileTypes: true })).filter(
    (entry) => !entry.isDirectory(),
  );
  const isUploaded = entries.map((entry) => entry.isFile() && UPLOADED.test(entry.name));
  const found = entries.map((entry) => join(entry.parentPath, entry.name));
  const files = found.filter((_, index) => isUploaded[index]).sort();
  if (files.length === 0) {
    throw new UserError(
      `the folder ${path} has no file that ends with .${FILE_ENDINGS.join(', .')}, .gz or .zip`,
    );
  }
  return { files, skipped: found.filter((_, index) => !isUploaded[index]).sort() };
}

function keyOf(path: string, store: string | undefined): string {
  const folder = path.split(sep).find((part) => part.startsWith(STORE_FOLDER));
  const ofFolder = folder?.slice(STORE_FOLDER.length);
  if (ofFolder !== undefined && !STORE_PATTERN.test(ofFolder)) {
    throw new UserError(`${path}: "${ofFolder}" is not the name of a store. Rename the folder.`);
  }
  if (store !== undefined && ofFolder !== undefined && store !== ofFolder) {
    throw wrongUsage(
      `${path} is in the folder of the store ${ofFolder}: omit --store ${store}, or move the file`,
    );
  }
  return buildUploadKey({ storeId: store ?? ofFolder ?? DEFAULT_STORE, fileName: basename(path) });
}
