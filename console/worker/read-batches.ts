import { findArchiveFault } from '../../lambdas/core/archive/archive.ts';
import { type ArchivedFile, objectToNames } from '../../lambdas/core/archive/archived-files.ts';
import { closeUnpacked, refuseUpload } from '../../lambdas/core/batches/closing-batch.ts';
import { objectToRejects } from '../../lambdas/core/batches/reject-limit.ts';
import { describeContainer, parseBatches } from '../../lambdas/core/parse.ts';
import type { RowBatch, Upload } from '../../lambdas/core/row-batch.ts';
import { findStoreFault } from '../../lambdas/core/rules.ts';
import { buildUnpackedPrefix, findKeyFault, readStore } from '../../lambdas/core/upload-key.ts';
import type { FileToCheck } from './messages.ts';
import { openFile } from './open-file.ts';

/** Ids of an upload that does not exist yet. They have the length of real ones, which counts for the size of messages. */
const UNKNOWN_ID = '00000000-0000-8000-8000-000000000000';
type Reading = Omit<FileToCheck, 'file'> & { readonly onRead: (bytes: number) => void };

/**
 * Reads a file into the batches that the parser would send if it were uploaded now, and then those of the files in it. A
 * file with too many rejected rows has its refusal last: it is another batch 1, and the earlier batches do not count.
 */
export async function* readBatches(file: Blob, reading: Reading): AsyncGenerator<RowBatch> {
  const { key, receivedAt, rules, limits, onRead } = reading;
  const upload: Upload = {
    uploadId: UNKNOWN_ID,
    fileId: UNKNOWN_ID,
    bucket: 'this-machine',
    key,
    versionId: 'checked',
    storeId: readStore(key),
    revision: '',
    receivedAt,
  };
  const fault = findKeyFault(key) ?? findStoreFault(upload, rules);
  if (fault !== undefined) {
    yield refuseUpload(upload, fault, {}).batch;
    return;
  }
  const { maxMessageBytes, maxUnpackedMiB, maxRejectedRows } = limits;
  const opened = await openFile(file, { key, rules, maxUnpackedMiB, onRead });
  if ('failure' in opened) {
    yield refuseUpload(upload, opened.failure, describeContainer(opened)).batch;
    return;
  }
  if ('files' in opened) {
    yield* readFiles(upload, opened.files, reading);
    return;
  }
  let receipts: RowBatch['receipts'];
  for await (const parsed of parseBatches(upload, opened, { rules, maxMessageBytes })) {
    receipts ??= parsed.batch.receipts;
    const failure = objectToRejects(parsed, maxRejectedRows);
    if (failure !== undefined) {
      yield refuseUpload(upload, failure, describeContainer(opened), receipts).batch;
      return;
    }
    yield parsed.batch;
  }
}

/** Reads the files of an archive, each of which becomes a separate object. */
async function* readFiles(
  upload: Upload,
  files: readonly ArchivedFile[],
  reading: Reading,
): AsyncGenerator<RowBatch> {
  const { maxUnpackedMiB } = reading.limits;
  const prefix = buildUnpackedPrefix(upload, upload.fileId);
  const failure =
    objectToNames(files, prefix) ??
    (await findArchiveFault(
      () => unpackAll(files),
      maxUnpackedMiB,
      () => false,
    ));
  if (failure !== undefined) {
    yield refuseUpload(upload, failure, { compression: 'zip' }).batch;
    return;
  }
  yield closeUnpacked(upload, files.length).batch;
  for (const { name, unpack } of files) {
    const file = await collect(unpack());
    yield* readBatches(file, { ...reading, key: prefix + name, onRead: () => undefined });
  }
}

async function* unpackAll(files: readonly ArchivedFile[]): AsyncGenerator<Uint8Array> {
  for (const { unpack } of files) yield* unpack();
}

/** Collects a file in the storage of the browser: the memory of the worker has one chunk at a time. */
async function collect(chunks: AsyncGenerator<Uint8Array>): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const chunk of chunks) parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  return new Blob(parts);
}
