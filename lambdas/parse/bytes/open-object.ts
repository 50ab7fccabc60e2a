import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Checkpoint } from '../../core/parse.ts';
import type { Failure } from '../../core/reject-codes.ts';
import type { FormatSummary, Upload } from '../../core/row-batch.ts';
import { type Archive, findArchiveFault } from './archive.ts';
import { gzipArchive } from './gzip.ts';
import { zipArchive } from './zip.ts';

/** A range of the bytes of an object version. */
interface ObjectRange {
  readonly body: Readable;
  /** Length of the range, in bytes. */
  readonly length: number;
}

/** One object version, which can be read from any byte, any number of times. */
export class ObjectVersion {
  #s3: S3Client;
  #upload: Upload;

  constructor(s3: S3Client, upload: Upload) {
    this.#s3 = s3;
    this.#upload = upload;
  }

  /**
   * @param end the last byte @default the last byte of the object
   * @returns undefined if the version was deleted
   */
  async read(start = 0, end?: number): Promise<ObjectRange | undefined> {
    const { bucket, key, versionId } = this.#upload;
    const range = start === 0 && end === undefined ? {} : { Range: `bytes=${start}-${end ?? ''}` };
    try {
      const { Body, ContentLength = 0 } = await this.#s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...range }),
      );
      return { body: Body as Readable, length: ContentLength };
    } catch (error) {
      if (error instanceof Error && ['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
      throw error;
    }
  }
}

/** The bytes of an object version, uncompressed. */
export interface OpenObject {
  readonly compression: FormatSummary['compression'];
  /** Can be read once. */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** An object version that cannot be read. */
export interface RefusedObject {
  readonly compression: FormatSummary['compression'];
  readonly failure: Failure;
}

/** Length of a gzip or zip signature, in bytes. */
const SIGNATURE_BYTES = 4;
const ARCHIVES = {
  gzip: (object: ObjectVersion, length: number) => gzipArchive(() => readAgain(object), length),
  zip: (object: ObjectVersion, length: number) =>
    zipArchive((start, end) => readAgain(object, start, end), length),
};
const DELETED: Failure = {
  code: 'object-deleted',
  message: 'The object version was deleted before it was read. Drop the file again.',
};

/**
 * Opens an object version at its beginning or at a checkpoint. At its beginning, an archive is unpacked once before, to
 * refuse a damaged one before any row is loaded.
 */
export async function openObject(
  object: ObjectVersion,
  maxUnpackedMiB: number,
  checkpoint: Pick<Checkpoint, 'compression' | 'source'> | undefined,
): Promise<OpenObject | RefusedObject> {
  if (checkpoint !== undefined) return openAt(object, checkpoint.compression, checkpoint.source.byte);
  const range = await object.read();
  if (range === undefined) return { compression: undefined, failure: DELETED };
  const { first, chunks } = await readAhead(range.body);
  const compression = detectCompression(first);
  if (compression === undefined) return { compression, chunks, close: () => range.body.destroy() };
  range.body.destroy();
  const archive = ARCHIVES[compression](object, range.length);
  const failure = await findArchiveFault(archive, maxUnpackedMiB);
  return failure === undefined ? openArchive(archive, 0) : { compression, failure };
}

/** @param byte of the uncompressed file */
async function openAt(
  object: ObjectVersion,
  compression: FormatSummary['compression'],
  byte: number,
): Promise<OpenObject | RefusedObject> {
  const range = await object.read(compression === undefined ? byte : 0);
  if (range === undefined) return { compression, failure: DELETED };
  if (compression === undefined)
    return { compression, chunks: range.body, close: () => range.body.destroy() };
  range.body.destroy();
  return openArchive(ARCHIVES[compression](object, range.length), byte);
}

/** The archive opens nothing before its first chunk is read and leaves nothing open after its last one. */
function openArchive(archive: Archive, byte: number): OpenObject {
  return { compression: archive.compression, chunks: skipBytes(archive.unpack(), byte), close: () => {} };
}

function detectCompression(first: Buffer): FormatSummary['compression'] {
  const signature = first.toString('latin1', 0, SIGNATURE_BYTES);
  if (signature.startsWith('\x1f\x8b')) return 'gzip';
  // The second one starts an archive without files.
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06' ? 'zip' : undefined;
}

async function readAgain(object: ObjectVersion, start = 0, end?: number): Promise<Readable> {
  const range = await object.read(start, end);
  // The next attempt reports the deletion when it opens the object.
  if (range === undefined) throw new Error('the object version was deleted while it was read');
  return range.body;
}

/** Reads enough to detect the compression. `chunks` includes what was read. */
async function readAhead(body: Readable) {
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let first: Buffer = Buffer.alloc(0);
  while (first.length < SIGNATURE_BYTES) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    first = first.length === 0 ? value : Buffer.concat([first, value]);
  }
  async function* chunks() {
    yield first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  }
  return { first, chunks: chunks() };
}

async function* skipBytes(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
