import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtempDisposable, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { Argument, Option } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import type { CloudClient, PutUpload } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, storeOption } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findFiles, type LocalFile } from '../find-files.ts';
import { type Io, printJson } from '../output/console.ts';
import { ProgressMeter } from '../output/progress.ts';
import { formatNumber } from '../output/table.ts';
import { printRejects } from '../print-rejects.ts';
import { exportHistory } from '../sqlite-history.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { exitCodeFor, printUploads } from './uploads.ts';

const LF = 0x0a;
/** The first two bytes of gzip and zip files. */
const PACKED: readonly number[] = [0x1f8b, 0x504b];

interface StoreOptions extends CommonOptions {
  readonly store?: string;
}

interface LoadOptions extends StoreOptions {
  readonly wait: boolean;
}

export const LOAD: CommandSpec<LoadOptions> = {
  name: 'load',
  description: 'upload CSV, NDJSON or Excel files, or folders of them, and wait until they are loaded',
  argument: new Argument(
    '<path...>',
    'files named retail_DD_MM_YYYY*.csv or .ndjson, or with a column transaction_date, or folders of them',
  ),
  options: [storeOption(), new Option('--no-wait', 'return after the upload')],
  async run(paths, options, { io, withCloud }) {
    const files = await findFiles(paths, options.store, io);
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
    const paths = exportHistory(file, options.table, folder.path);
    const files = await findFiles(paths, options.store, io);
    return await withCloud(options, (client) => loadFiles(client, io, files, { ...options, wait: true }));
  },
};

/** Finds the files whose content is not the newest version of their key in the bucket. */
export async function findMissing(
  { s3, bucket }: CloudClient,
  files: readonly LocalFile[],
): Promise<LocalFile[]> {
  const missing = await Promise.all(
    files.map(async (file) => {
      const head = new HeadObjectCommand({ Bucket: bucket, Key: file.key });
      const newest = await s3.send(head).catch(() => undefined);
      const hash = createHash('md5').update(await readFile(file.path));
      return newest?.ETag === `"${hash.digest('hex')}"` ? [] : [file];
    }),
  );
  return missing.flat();
}

/** Uploads files to the bucket, one after the other, and shows the progress. */
export async function putFiles(
  client: CloudClient,
  files: readonly LocalFile[],
  io: Io,
): Promise<(PutUpload & { readonly expectedRows: number | undefined })[]> {
  const uploads: (PutUpload & { readonly expectedRows: number | undefined })[] = [];
  for (const { path, key } of files) {
    const { size } = await stat(path);
    const meter = new ProgressMeter(io, `uploading ${basename(path)}`, 'bytes', size);
    const upload = await client.putFile(path, key, (bytes) => meter.show(bytes));
    uploads.push({ ...upload, expectedRows: await estimateRows(path) });
  }
  io.showProgress(undefined);
  return uploads;
}

/** Estimates the rows of a text file by its lines. @returns undefined for an archive or a workbook */
async function estimateRows(path: string): Promise<number | undefined> {
  let lines = 0;
  let first: number | undefined;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    first ??= chunk.length < 2 ? 0 : chunk.readUInt16BE(0);
    if (PACKED.includes(first)) return undefined;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines++;
  }
  return lines;
}

async function loadFiles(
  client: CloudClient,
  io: Io,
  files: readonly LocalFile[],
  { wait, json }: LoadOptions,
): Promise<ExitCode> {
  const uploads = await putFiles(client, files, io);
  if (!wait) {
    if (json) printJson({ uploads }, io);
    else
      io.note(
        `Uploaded ${formatNumber(uploads.length)} ${plural(uploads.length, 'file')}. "${client.commandLine('uploads')}" shows their status.`,
      );
    return EXIT.done;
  }
  const entries = await waitForUploads(client, uploads, io);
  printUploads(io, entries, json);
  if (!json) await printRejects(client, io, entries);
  return exitCodeFor(entries);
}
