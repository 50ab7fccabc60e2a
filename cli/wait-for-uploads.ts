import { setTimeout as sleep } from 'node:timers/promises';
import { classifyError } from '../lambdas/shared/errors.ts';
import type { CloudClient, PutUpload } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import { type LedgerEntry, readUploads } from './ledger.ts';
import { type Io, terminal } from './output/console.ts';
import { formatNumber } from './output/table.ts';

/** Time without an answer after which the cloud counts as lost, and without progress after which the user is told. */
const PATIENCE_MILLISECONDS = 30_000;

interface AwaitedUpload extends PutUpload {
  /** Time of an earlier failure of an upload that was sent again; it is open until it ends at another time. */
  readonly failedAt?: string | null;
}

/**
 * Waits until each upload is complete or failed, and shows the progress.
 * @returns the uploads' ledger entries, in the same order
 */
export async function waitForUploads(
  client: CloudClient,
  uploads: readonly AwaitedUpload[],
  io: Io = terminal,
): Promise<LedgerEntry[]> {
  const entries = new Map<string, LedgerEntry>();
  let lastAnswer = Date.now();
  let lastRows = -1;
  let lastProgress = Date.now();
  for (;;) {
    const open = uploads.filter((upload) => isOpen(upload, entries)).map(({ uploadId }) => uploadId);
    if (open.length === 0) break;
    try {
      for (const entry of await readUploads(client, open)) entries.set(entry.uploadId, entry);
      lastAnswer = Date.now();
    } catch (error) {
      if (classifyError(error) !== 'transient') throw error;
      if (Date.now() - lastAnswer > PATIENCE_MILLISECONDS) {
        throw reportLoss(client, error as Error, open.length);
      }
    }
    const rows = [...entries.values()].reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    if (rows !== lastRows) lastProgress = Date.now();
    lastRows = rows;
    const done = uploads.length - open.length;
    io.showProgress(`loading: ${done} of ${uploads.length} files done, ${formatNumber(rows)} rows loaded`);
    if (Date.now() - lastProgress > PATIENCE_MILLISECONDS) {
      io.note(
        'No progress for 30 seconds. The files are safe in the bucket. Still waiting (Ctrl-C stops waiting).',
      );
      lastProgress = Date.now();
    }
    await sleep(client.access.pollMilliseconds);
  }
  io.showProgress(undefined);
  return uploads.map(({ uploadId }) => entries.get(uploadId)!);
}

function isOpen({ uploadId, failedAt }: AwaitedUpload, entries: ReadonlyMap<string, LedgerEntry>): boolean {
  const entry = entries.get(uploadId);
  return entry === undefined || entry.status === 'loading' || entry.completedAt === failedAt;
}

function reportLoss(client: CloudClient, cause: Error, open: number): UserError {
  const { name, afterLoss } = client.access;
  const message =
    `${name} no longer answers (${cause.message}). ${open} uploads are safe in the bucket: ` +
    `${afterLoss}. "${client.commandLine('uploads')}" shows them`;
  return new UserError(message, EXIT.failed, { cause });
}
