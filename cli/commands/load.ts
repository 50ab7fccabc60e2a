import { createHash } from 'node:crypto';
import { mkdtempDisposable, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { Argument, Option } from 'commander';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { CloudClient, PutUpload } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, storeOption } from '../command.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { type Io, printJson } from '../output/console.ts';
import { exportHistory } from '../sqlite-history.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { printRejects } from './rejects.ts';
import { exitCodeFor, printUploads } from './uploads.ts';

/** Names of the files that are uploaded from a folder. */
const UPLOADED = /\.(?:csv|tsv|csv\.gz|csv\.zip)$/i;

interface StoreOptions extends CommonOptions {
  readonly store: string;
}

interface LoadOptions extends StoreOptions {
  readonly wait: boolean;
}

export const LOAD: CommandSpec<LoadOptions> = {
  name: 'load',
  description: 'upload CSV files or folders, and wait until they are loaded',
  argument: new Argument(
    '<path...>',
    'files named retail_DD_MM_YYYY*.csv or with a column transaction_date, or folders of them',
  ),
  options: [storeOption(), new Option('--no-wait', 'return after the upload')],
  async run(paths, options, { io, withCloud }) {
    const files = await findCsvFiles(paths);
    return withCloud(options, (client) => loadFiles(client, io, files, options));
  },
};

export const IMPORT_HISTORY: CommandSpec<StoreOptions & { readonly table: string }> = {
  name: 'import-history',
  description: 'load the transactions of a SQLite table, as one CSV file for each day',
  argument: new Argument('<file.db>', 'the SQLite database'),
  options: [new Option('--table <name>', 'the table').default('transactions'), storeOption()],
  async run([file = ''], options, { io, withCloud }) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'retail-history-'));
    const files = exportHistory(file, options.table, folder.path);
    return await withCloud(options, (client) => loadFiles(client, io, files, { ...options, wait: true }));
  },
};

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
  const missing = await Promise.all(
    files.map(async (file) => {
      const Key = buildUploadKey({ storeId, fileName: basename(file) });
      const newest = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key })).catch(() => undefined);
      const hash = createHash('md5').update(await readFile(file));
      return newest?.ETag === `"${hash.digest('hex')}"` ? [] : [file];
    }),
  );
  return missing.flat();
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

async function loadFiles(
  client: CloudClient,
  io: Io,
  files: readonly string[],
  { store, wait, json }: LoadOptions,
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
