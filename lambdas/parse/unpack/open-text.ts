import type { Readable } from 'node:stream';
import type { Failure } from '../../core/csv/header.ts';
import type { FormatSummary } from '../../core/row-batch.ts';
import { type Archive, findArchiveFault } from './archive.ts';
import { gzipArchive } from './gzip.ts';
import type { ObjectBytes, ObjectVersion } from './object-version.ts';
import { zipArchive } from './zip.ts';

/** The text of an upload, unpacked where it was packed. */
export interface OpenText {
  readonly compression: FormatSummary['compression'];
  /** Once, in pieces. */
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** A text that cannot be opened. */
export interface RefusedText {
  readonly compression: FormatSummary['compression'];
  readonly failure: Failure;
}

/** With so many bytes each kind of archive begins. */
const SIGNATURE_BYTES = 4;
const ARCHIVES = {
  gzip: (object: ObjectVersion, { length }: ObjectBytes) => gzipArchive(() => readAgain(object), length),
  zip: (object: ObjectVersion, { length }: ObjectBytes) =>
    zipArchive((start, end) => readAgain(object, start, end), length),
};
const GONE: Failure = {
  code: 'object-deleted',
  message: 'The object version was deleted before it was read. Drop the file again.',
};

/** Opens the text from its beginning. An archive is unpacked once before, to see that all of it can be read. */
export async function openText(
  object: ObjectVersion,
  maxUnpackedMiB: number,
): Promise<OpenText | RefusedText> {
  const bytes = await object.read();
  if (bytes === undefined) return { compression: undefined, failure: GONE };
  const { first, chunks } = await readAhead(bytes.body);
  const archive = archiveOf(first, object, bytes);
  if (archive === undefined) return { compression: undefined, chunks, close: () => bytes.body.destroy() };
  bytes.body.destroy();
  const failure = await findArchiveFault(archive, maxUnpackedMiB);
  return failure === undefined ? openArchive(archive, 0) : { compression: archive.compression, failure };
}

/**
 * Opens the text where an earlier parse stopped.
 * @param compression what that parse found
 * @param byte of the text, unpacked
 */
export async function openTextAt(
  object: ObjectVersion,
  compression: FormatSummary['compression'],
  byte: number,
): Promise<OpenText | RefusedText> {
  const bytes = await object.read(compression === undefined ? byte : 0);
  if (bytes === undefined) return { compression, failure: GONE };
  if (compression === undefined)
    return { compression, chunks: bytes.body, close: () => bytes.body.destroy() };
  bytes.body.destroy();
  return openArchive(ARCHIVES[compression](object, bytes), byte);
}

/** Nothing is open before the first piece is asked for, and nothing after the last one. */
function openArchive(archive: Archive, byte: number): OpenText {
  return { compression: archive.compression, chunks: skip(archive.unpack(), byte), close: () => undefined };
}

function archiveOf(first: Buffer, object: ObjectVersion, bytes: ObjectBytes): Archive | undefined {
  const signature = first.toString('latin1', 0, SIGNATURE_BYTES);
  if (signature.startsWith('\x1f\x8b')) return ARCHIVES.gzip(object, bytes);
  // Of a member, or of the end of an archive that has none.
  const isZip = signature === 'PK\x03\x04' || signature === 'PK\x05\x06';
  return isZip ? ARCHIVES.zip(object, bytes) : undefined;
}

async function readAgain(object: ObjectVersion, start = 0, end?: number): Promise<Readable> {
  const bytes = await object.read(start, end);
  // Then the next try finds it gone from the beginning.
  if (bytes === undefined) throw new Error('the object version was deleted while it was read');
  return bytes.body;
}

/** Reads enough to know what the bytes are; `chunks` has all of them nevertheless. */
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

async function* skip(text: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of text) {
    if (left < chunk.length) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}
