import type { Readable } from 'node:stream';
import {
  BYTES_PER_MIB,
  failForSize,
  findArchiveFault,
  limitUnpacking,
  type Unpack,
} from '../../core/archive/archive.ts';
import {
  detectCompression,
  isOldWorkbook,
  OLD_WORKBOOK,
  openFiles,
  SIGNATURE_BYTES,
  type UnreadArchive,
} from '../../core/archive/open-files.ts';
import type { UploadBytes } from '../../core/parse.ts';
import type { Failure } from '../../core/reject-codes.ts';
import type { FormatSummary } from '../../core/row-batch.ts';
import type { Rules } from '../../core/rules.ts';
import type { WorkbookFacts } from '../../core/workbook/open-workbook.ts';
import { unpackGzip } from './gzip.ts';
import { findStart, type Position, type VersionReader } from './version-reader.ts';
import { listZip } from './zip.ts';

/** The bytes of an object version, uncompressed. They can be read once. */
interface OpenObject extends Pick<UploadBytes, 'chunks' | 'workbook'> {
  /** Length of `chunks`, in bytes; infinite for an archive. */
  readonly length: number;
  close(): void;
}

/** Settings that decide which bytes of an object are read. */
export interface ReadingLimits {
  /** It limits a plain file too: each checkpoint makes progress, but the file may have terabytes. */
  readonly maxUnpackedMiB: number;
  /** They decide which sheet of a workbook has a header. */
  readonly rules: Rules;
}

export const DELETED: Failure = {
  code: 'object-deleted',
  message: 'The object version was deleted before it was read. Drop the file again.',
};

/**
 * Opens an object version at its beginning or at a checkpoint. At its beginning, an archive of one file is unpacked once
 * before, to refuse a damaged one before any row is loaded.
 * @param onUnpacked is called for each chunk of an archive that is unpacked in advance
 * @returns the bytes, or the files of an archive of several, or the reason for which they cannot be read
 */
export async function openObject(
  version: Pick<VersionReader, 'key' | 'read'>,
  { maxUnpackedMiB, rules }: ReadingLimits,
  checkpoint: Position | undefined,
  isTimeUp: () => boolean,
  onUnpacked?: (chunk: Uint8Array) => void,
): Promise<
  { compression: FormatSummary['compression'] } & (
    | OpenObject
    | { failure: Failure; workbook?: WorkbookFacts | undefined }
    | UnreadArchive
  )
> {
  const start = checkpoint?.source.byte ?? 0;
  const object = await version.read(findStart(checkpoint));
  if (object === undefined) return { compression: checkpoint?.compression, failure: DELETED };
  const { first, chunks } = await readAhead(object.body);
  const compression = checkpoint === undefined ? detectCompression(first) : checkpoint.compression;
  const close = () => void object.body.destroy();
  if (checkpoint === undefined && isOldWorkbook(first)) {
    close();
    return { compression, failure: OLD_WORKBOOK };
  }
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
  const watched = checkpoint === undefined ? isTimeUp : () => false;
  const limit = (unpack: Unpack) => limitUnpacking(unpack, maxUnpackedMiB, watched);
  const contents =
    compression === 'gzip'
      ? { unpack: () => unpackGzip(read, object.length) }
      : await openFiles(() => listZip(read, object.length), version.key, rules, limit);
  if (!('unpack' in contents)) return { compression, ...contents };
  const { unpack } = contents;
  const workbook = 'workbook' in contents ? contents.workbook : undefined;
  const failure =
    checkpoint === undefined
      ? await findArchiveFault(unpack, maxUnpackedMiB, isTimeUp, onUnpacked)
      : undefined;
  return failure === undefined
    ? { compression, workbook, chunks: skipBytes(unpack(), start), length: Number.POSITIVE_INFINITY, close }
    : { compression, workbook, failure };
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

async function* skipBytes(chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
