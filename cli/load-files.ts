import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { buildUploadKey } from '../lambdas/core/upload-key.ts';
import type { CloudClient, PutUpload } from './cloud-client.ts';
import { EXIT, type ExitCode, UserError } from './exit-codes.ts';
import { type Io, printJson } from './output/console.ts';
import { printRejects } from './output/print-rejects.ts';
import { exitCodeFor, printUploads } from './output/uploads-table.ts';
import { waitForUploads } from './wait-for-uploads.ts';

/** Names of the files that are uploaded from a folder. */
const UPLOADED = /\.(?:csv|tsv|csv\.gz|csv\.zip)$/i;

/**
 * Finds the files at some paths: a file itself, and every CSV file below a folder, sorted by name.
 * @throws {UserError} if a path does not exist or has no CSV file
 */
export async function findCsvFiles(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const stats = await stat(path).catch((cause: Error) => {
        throw new UserError(`${path} cannot be read: ${cause.message}`, EXIT.failed, { cause });
      });
      if (!stats.isDirectory()) return [path];
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && UPLOADED.test(entry.name));
      if (files.length === 0) throw new UserError(`the folder ${path} has no .csv file`);
      return files.map((entry) => join(entry.parentPath, entry.name)).sort();
    }),
  );
  return lists.flat();
}

/** Finds the files whose content is not the newest version of their key in the bucket. */
export async function findMissing(
  { s3, bucket }: CloudClient,
  files: readonly string[],
  storeId: string,
): Promise<string[]> {
  const isMissing = await Promise.all(
    files.map(async (file) => {
      const Key = buildUploadKey({ storeId, fileName: basename(file) });
      const newest = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key })).catch(() => undefined);
      return (
        newest?.ETag !==
        `"${createHash('md5')
          .update(await readFile(file))
          .digest('hex')}"`
      );
    }),
  );
  return files.filter((_, index) => isMissing[index]);
}

/** Uploads files to a store's folder of the bucket, one after the other, and shows the progress. */
export async function putFiles(
  client: CloudClient,
  files: readonly string[],
  storeId: string,
  io: Io,
): Promise<PutUpload[]> {
  const uploads: PutUpload[] = [];
  for (const file of files) {
    const fileName = basename(file);
    const key = buildUploadKey({ storeId, fileName });
    const onProgress = (bytes: number) =>
      io.showProgress(`uploading ${fileName}: ${(bytes / 1e6).toFixed(1)} MB`);
    uploads.push(await client.putFile(file, key, onProgress));
  }
  io.showProgress(undefined);
  return uploads;
}

/** Uploads files, waits for them if asked to, and prints the results. */
export async function loadFiles(
  client: CloudClient,
  io: Io,
  files: readonly string[],
  { store, wait, json }: { readonly store: string; readonly wait: boolean; readonly json: boolean },
): Promise<ExitCode> {
  const uploads = await putFiles(client, files, store, io);
  if (!wait) {
    if (json) printJson({ uploads }, io);
    else io.note(`Uploaded ${uploads.length} files. "${client.commandLine('uploads')}" shows their status.`);
    return EXIT.done;
  }
  const entries = await waitForUploads(client, uploads, io);
  printUploads(io, entries, json);
  if (!json) await printRejects(client, io, entries);
  return exitCodeFor(entries);
}
