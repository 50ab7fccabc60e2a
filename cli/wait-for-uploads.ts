import { setTimeout as sleep } from 'node:timers/promises';
import { plural } from '../lambdas/core/plural.ts';
import { classifyError } from '../lambdas/shared/errors.ts';
import type { CloudClient, PutUpload } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import { countOpenRows, type LedgerEntry, readUnpacked, readUploads } from './ledger.ts';
import { type Io, terminal } from './output/console.ts';
import { ProgressMeter } from './output/progress.ts';
import { formatNumber } from './output/table.ts';

/** Time without an answer after which the cloud counts as lost, and without progress after which the user is told. */
const PATIENCE_MILLISECONDS = 30_000;

interface AwaitedUpload extends PutUpload {
  /** Time of an earlier failure of an upload that was sent again; it is open until it ends at another time. */
  readonly failedAt?: string | null;
  /** Estimated number of its rows. */
  readonly expectedRows?: number | undefined;
}

/** State of the work that a command waits for. */
export interface Progress {
  /** Number of uploads, or of calls, that are not done. */
  readonly open: number;
  /** Number that grows while the work goes on. */
  readonly rows: number;
  readonly text: string;
  /** Share of the work that is done, from 0 to 1, if it is known. */
  readonly share?: number | undefined;
}

/** Says what is open and where it is safe, such as "uploads" and "in the bucket". */
interface Safety {
  readonly thing: string;
  readonly place: string;
}

/**
 * Looks at some work until it is done, and shows the progress.
 * @param total number of uploads, or of calls
 * @throws {UserError} if the cloud no longer answers
 */
export async function waitUntilDone(
  client: CloudClient,
  io: Io,
  { thing, place, total }: Safety & { readonly total: number },
  look: () => Promise<Progress>,
): Promise<void> {
  let progress: Progress = { open: total, rows: -1, text: '' };
  let lastAnswer = Date.now();
  let lastProgress = Date.now();
  while (progress.open > 0) {
    try {
      const { rows } = progress;
      progress = await look();
      lastAnswer = Date.now();
      if (progress.rows !== rows) lastProgress = Date.now();
      if (progress.open === 0) break;
    } catch (error) {
      if (classifyError(error) !== 'transient') throw error;
      if (Date.now() - lastAnswer > PATIENCE_MILLISECONDS) {
        throw reportLoss(
          client,
          error as Error,
          `${progress.open} ${plural(progress.open, `${thing} is`, `${thing}s are`)} safe ${place}`,
        );
      }
    }
    io.showProgress(progress.text, progress.share);
    if (Date.now() - lastProgress > PATIENCE_MILLISECONDS) {
      io.note(
        `No progress for 30 seconds. The ${thing}s are safe ${place}. Still waiting (Ctrl-C stops waiting).`,
      );
      lastProgress = Date.now();
    }
    await sleep(client.access.pollMilliseconds);
  }
  io.showProgress(undefined);
}

/**
 * Waits until each upload is complete or failed, and shows the progress.
 * @returns the uploads' ledger entries, in the same order, each archive of several files followed by these
 */
export async function waitForUploads(
  client: CloudClient,
  uploads: readonly AwaitedUpload[],
  io: Io = terminal,
): Promise<LedgerEntry[]> {
  return addUnpacked(client, await waitForObjects(client, uploads, io), io);
}

/**
 * Waits until each upload is complete or failed, but not for the files of archives.
 * @returns the uploads' ledger entries, in the same order, without their numbers of open rows
 */
export async function waitForObjects(
  client: CloudClient,
  uploads: readonly AwaitedUpload[],
  io: Io,
): Promise<LedgerEntry[]> {
  const entries = new Map<string, LedgerEntry>();
  const findOpen = () => uploads.filter((upload) => isOpen(upload, entries)).map(({ uploadId }) => uploadId);
  const safety = { thing: 'file', place: 'in the bucket', total: uploads.length };
  // Without an estimate of one of them, the sum is not a number.
  const expected = uploads.reduce((sum, { expectedRows = Number.NaN }) => sum + expectedRows, 0);
  const meter = new ProgressMeter(io, 'loading', 'rows', Number.isNaN(expected) ? undefined : expected);
  await waitUntilDone(client, io, safety, async () => {
    for (const entry of await readUploads(client, findOpen())) entries.set(entry.uploadId, entry);
    const open = findOpen().length;
    const rows = [...entries.values()].reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    const done = uploads.length - open;
    const { text, share } = meter.describe(rows);
    return {
      open,
      rows,
      text: `${text}; ${done} of ${uploads.length} ${plural(uploads.length, 'file')} done`,
      share,
    };
  });
  return uploads.map(({ uploadId }) => entries.get(uploadId)!);
}

/** Waits for the files of archives, and adds each after its archive unless it is among the entries. */
export async function addUnpacked(
  client: CloudClient,
  entries: readonly LedgerEntry[],
  io: Io,
): Promise<LedgerEntry[]> {
  const listed = new Set(entries.map(({ uploadId }) => uploadId));
  const all: LedgerEntry[] = [];
  for (const entry of entries) {
    const unpacked = await waitForUnpacked(client, entry, io);
    all.push(entry, ...unpacked.filter(({ uploadId }) => !listed.has(uploadId)));
  }
  return countOpenRows(client, all);
}

/** Waits until the files of an archive are complete or failed. Other uploads have none. */
async function waitForUnpacked(client: CloudClient, archive: LedgerEntry, io: Io): Promise<LedgerEntry[]> {
  const { files = 0 } = archive.format;
  let entries: LedgerEntry[] = [];
  if (archive.status !== 'complete' || files === 0) return entries;
  const name = archive.key.split('/').at(-1);
  await waitUntilDone(client, io, { thing: 'file', place: 'in the bucket', total: files }, async () => {
    entries = await readUnpacked(client, archive);
    const done = entries.filter(({ status }) => status !== 'loading').length;
    const rows = entries.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    const text = `loading: ${done} of ${files} ${plural(files, 'file')} of ${name} done, ${formatNumber(rows)} ${plural(rows, 'row')} loaded`;
    return { open: Math.max(0, files - done), rows, text };
  });
  return entries;
}

function isOpen({ uploadId, failedAt }: AwaitedUpload, entries: ReadonlyMap<string, LedgerEntry>): boolean {
  const entry = entries.get(uploadId);
  return entry === undefined || entry.status === 'loading' || entry.completedAt === failedAt;
}

function reportLoss(client: CloudClient, cause: Error, safety: string): UserError {
  const { name, afterLoss } = client.access;
  const message =
    `${name} no longer answers (${cause.message}). ${safety}: ` +
    `${afterLoss}. "${client.commandLine('uploads')}" shows them`;
  return new UserError(message, EXIT.failed, { cause });
}
