import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { buildUploadKey } from '../lambdas/core/upload-key.ts';
import { classifyError } from '../lambdas/shared/errors.ts';
import type { CloudClient, PutUpload } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import { type LedgerEntry, readUploads } from './ledger.ts';
import { note, ProgressLine } from './output/console.ts';

const PATIENCE_MILLISECONDS = 30_000;

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

/** Puts files into a store's folder of the bucket, one after the other, and says how far it is. */
export async function putFiles(
  client: CloudClient,
  files: readonly string[],
  storeId: string,
): Promise<PutUpload[]> {
  const progress = new ProgressLine();
  const uploads: PutUpload[] = [];
  for (const file of files) {
    const fileName = basename(file);
    const key = buildUploadKey({ storeId, fileName });
    const onProgress = (bytes: number) =>
      progress.show(`uploading ${fileName}: ${(bytes / 1e6).toFixed(1)} MB`);
    uploads.push(await client.putFile(file, key, onProgress));
  }
  progress.clear();
  return uploads;
}

/**
 * Waits until each upload is complete or failed, and says how many rows are in.
 * @returns the ledger's entries, in the order of the uploads
 */
export async function waitForUploads(
  client: CloudClient,
  uploads: readonly PutUpload[],
): Promise<LedgerEntry[]> {
  const progress = new ProgressLine();
  const entries = new Map<string, LedgerEntry>();
  let lastAnswer = Date.now();
  let rowsBefore = -1;
  let lastChange = Date.now();
  for (;;) {
    const open = uploads.filter(({ uploadId }) => (entries.get(uploadId)?.status ?? 'loading') === 'loading');
    if (open.length === 0) break;
    try {
      for (const entry of await readUploads(
        client,
        open.map(({ uploadId }) => uploadId),
      )) {
        entries.set(entry.uploadId, entry);
      }
      lastAnswer = Date.now();
    } catch (error) {
      if (classifyError(error) !== 'transient') throw error;
      if (Date.now() - lastAnswer > PATIENCE_MILLISECONDS) {
        throw lostContact(client, error as Error, open.length);
      }
    }
    const rows = [...entries.values()].reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    if (rows !== rowsBefore) lastChange = Date.now();
    rowsBefore = rows;
    const finished = uploads.length - open.length;
    progress.show(
      `loading: ${finished} of ${uploads.length} files done, ${rows.toLocaleString('en-US')} rows in`,
    );
    if (Date.now() - lastChange > PATIENCE_MILLISECONDS) {
      note(
        'Nothing has moved for 30 seconds. The files are safe in the bucket; still waiting (Ctrl-C stops waiting).',
      );
      lastChange = Date.now();
    }
    await sleep(client.access.pollMilliseconds);
  }
  progress.clear();
  return uploads.map(({ uploadId }) => entries.get(uploadId)!);
}

function lostContact(client: CloudClient, cause: Error, open: number): UserError {
  const { name, afterLoss } = client.access;
  const message =
    `${name} does not answer any more (${cause.message}). ${open} uploads are safe in the bucket: ` +
    `${afterLoss}, and "${client.commandLine('uploads')}" shows them`;
  return new UserError(message, 1, { cause });
}
