import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from './exit-codes.ts';

/** Of a folder, files that are CSVs by their names, or archives of them. */
const UPLOADED = /\.(?:csv|tsv|csv\.gz|csv\.zip)$/i;

/**
 * The files that some paths name: a file itself, and the CSV files in a folder and its folders, by name.
 * @throws {UserError} where a path is not there or holds no CSV file
 */
export async function findCsvFiles(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(filesAt));
  return found.flat();
}

async function filesAt(path: string): Promise<string[]> {
  const stats = await stat(path).catch((cause: Error) => {
    throw new UserError(`${path} cannot be read: ${cause.message}`, 1, { cause });
  });
  if (!stats.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && UPLOADED.test(entry.name));
  if (files.length === 0) throw new UserError(`the folder ${path} holds no .csv file`);
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}
