import { Readable } from 'node:stream';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Upload as MultipartUpload } from '@aws-sdk/lib-storage';
import { findArchiveFault, SlowArchiveError } from '../core/archive/archive.ts';
import { type ArchivedFile, objectToNames } from '../core/archive/archived-files.ts';
import type { Failure } from '../core/reject-codes.ts';
import type { Upload } from '../core/row-batch.ts';
import { buildUnpackedPrefix } from '../core/upload-key.ts';
import { isExisting } from '../shared/create-object.ts';
import { TransientError } from '../shared/errors.ts';
import { computeFileId } from '../shared/upload-id.ts';

/** Parts that are uploaded at the same time. The limit bounds memory. */
const PARTS_IN_PROGRESS = 2;

/**
 * Makes each file of an archive a separate object, which is then parsed like any other. Repeated calls create only
 * the objects that are missing. A damaged archive is refused before any object is created.
 * @param isTimeUp is asked after each chunk
 * @returns the reason to refuse the archive, or undefined if every file has its object
 * @throws {TransientError} if the time is up; the next call continues after the last object
 * @throws {SlowArchiveError} if the time is up before one object was created: the next call would do the same work
 */
export async function unpackFiles(
  s3: S3Client,
  upload: Upload,
  files: readonly ArchivedFile[],
  maxUnpackedMiB: number,
  isTimeUp: () => boolean,
): Promise<Failure | undefined> {
  const { bucket } = upload;
  const prefix = buildUnpackedPrefix(upload, computeFileId(upload));
  const nameFault = objectToNames(files, prefix);
  if (nameFault !== undefined) return nameFault;
  // An archive has fewer files than a page has keys.
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  const existing = new Set(Contents.map(({ Key }) => Key));
  if (existing.size === 0) {
    const fault = await findArchiveFault(() => unpackAll(files), maxUnpackedMiB, isTimeUp);
    if (fault !== undefined) return fault;
  }
  let created = 0;
  for (const { name, unpack } of files) {
    const key = prefix + name;
    if (existing.has(key)) continue;
    await createFromStream(s3, bucket, key, stopInTime(unpack(), isTimeUp, created > 0));
    created++;
  }
  return undefined;
}

async function* unpackAll(files: readonly ArchivedFile[]): AsyncGenerator<Uint8Array> {
  for (const { unpack } of files) yield* unpack();
}

async function* stopInTime(
  chunks: AsyncIterable<Uint8Array>,
  isTimeUp: () => boolean,
  hasProgress: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    if (isTimeUp()) {
      throw hasProgress
        ? new TransientError('the time is up in the middle of an archive')
        : new SlowArchiveError();
    }
    yield chunk;
  }
}

/** Creates an object of any length unless one exists under the key. */
async function createFromStream(
  client: S3Client,
  Bucket: string,
  Key: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const params = { Bucket, Key, Body: Readable.from(chunks, { objectMode: false }), IfNoneMatch: '*' };
  try {
    await new MultipartUpload({ client, params, queueSize: PARTS_IN_PROGRESS }).done();
  } catch (error) {
    if (!isExisting(error)) throw error;
  }
}
