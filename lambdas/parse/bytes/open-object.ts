import type { Readable } from 'node:stream';
import type { UploadBytes } from '../../core/parse.ts';
import type { Failure } from '../../core/reject-codes.ts';
import type { FormatSummary } from '../../core/row-batch.ts';
import { isUnpackedKey } from '../../core/upload-key.ts';
import {
  ArchiveError,
  BYTES_PER_MIB,
  failForSize,
  findArchiveFault,
  type ReadRange,
  type Unpack,
  unpackGzip,
} from './archive.ts';
import { findStart, type Position, type VersionReader } from './version-reader.ts';
import { type ArchivedFile, listZip, unusableArchive } from './zip.ts';

/** The bytes of an object version, uncompressed. They can be read once. */
interface OpenObject extends Pick<UploadBytes, 'chunks'> {
  /** Length of `chunks`, in bytes; infinite for an archive. */
  readonly length: number;
  close(): void;
}

/** An archive whose files become objects. */
interface UnreadArchive {
  readonly files: readonly ArchivedFile[];
}

/** Length of a gzip or zip signature, in bytes. */
const SIGNATURE_BYTES = 4;
/** Endings of a file that is not read where it is, even if it is the only one of its archive. */
const PACKED = /\.(?:gz|zip)$/i;
export const DELETED: Failure = {
  code: 'object-deleted',
  message: 'The object version was deleted before it was read. Drop the file again.',
};

/** Entries of workbooks. */
const WORKBOOK_ENTRY = /^(?:\[Content_Types\]\.xml|content\.xml)$/;
const WORKBOOK: Failure = {
  code: 'workbook-unreadable',
  message: 'The file is a workbook. Save its sheet as CSV and drop the CSV file.',
};

/**
 * Opens an object version at its beginning or at a checkpoint. At its beginning, an archive of one file is unpacked once
 * before, to refuse a damaged one before any row is loaded.
 * @param maxUnpackedMiB limits a plain file too: each checkpoint makes progress, but the file may have terabytes
 * @param onUnpacked is called for each chunk of an archive that is unpacked in advance
 * @returns the bytes, or the files of an archive of several, or the reason for which they cannot be read
 */
export async function openObject(
  version: VersionReader,
  maxUnpackedMiB: number,
  checkpoint: Position | undefined,
  isTimeUp: () => boolean,
  onUnpacked?: (chunk: Uint8Array) => void,
): Promise<
  { compression: FormatSummary['compression'] } & (OpenObject | { failure: Failure } | UnreadArchive)
> {
  const start = checkpoint?.source.byte ?? 0;
  const object = await version.read(findStart(checkpoint));
  if (object === undefined) return { compression: checkpoint?.compression, failure: DELETED };
  const { first, chunks } = await readAhead(object.body);
  const compression = checkpoint === undefined ? detectCompression(first) : checkpoint.compression;
  const close = () => void object.body.destroy();
  if (
    compression === undefined &&
    (checkpoint !== undefined || object.length <= maxUnpackedMiB * BYTES_PER_MIB)
  ) {
    return { compression, chunks, length: object.length, close };
  }
  close();
  if (compression === undefined) return { compression, failure: failForSize('The file has', maxUnpackedMiB) };
  const read = async (from?: number, to?: number) => {
    const range = await version.read(from, to);
    // The next attempt reports the deletion when it opens the object.
    if (range === undefined) throw new Error('the object version was deleted while it was read');
    return range.body;
  };
  const contents = await openArchive(compression, read, object.length, version.key);
  if (!('unpack' in contents)) return { compression, ...contents };
  const { unpack } = contents;
  const failure =
    checkpoint === undefined
      ? await findArchiveFault(unpack, maxUnpackedMiB, isTimeUp, onUnpacked)
      : undefined;
  return failure === undefined
    ? { compression, chunks: skipBytes(unpack(), start), length: Number.POSITIVE_INFINITY, close }
    : { compression, failure };
}

async function openArchive(
  compression: NonNullable<FormatSummary['compression']>,
  read: ReadRange,
  length: number,
  key: string,
): Promise<{ unpack: Unpack } | UnreadArchive | { failure: Failure }> {
  if (compression === 'gzip') return { unpack: () => unpackGzip(read, length) };
  try {
    // An archive may contain itself.
    if (isUnpackedKey(key)) throw unusableArchive('was a file of another archive. Drop it by itself.');
    const files = await listZip(read, length);
    if (files.some(({ name }) => WORKBOOK_ENTRY.test(name))) return { failure: WORKBOOK };
    const [only] = files;
    return files.length === 1 && !PACKED.test(only!.name) ? only! : { files };
  } catch (error) {
    if (error instanceof ArchiveError) return { failure: error.failure };
    throw error;
  }
}

function detectCompression(first: Buffer): FormatSummary['compression'] {
  const signature = first.toString('latin1', 0, SIGNATURE_BYTES);
  if (signature.startsWith('\x1f\x8b')) return 'gzip';
  // The second one starts an archive without files.
  return signature === 'PK\x03\x04' || signature === 'PK\x05\x06' ? 'zip' : undefined;
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
