import { PassThrough, pipeline, type Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ArchiveError, damagedArchive } from '../../core/archive/archive.ts';
import { type ArchivedFile, checkContent, collectFiles } from '../../core/archive/archived-files.ts';
import type { ReadRange } from './gzip.ts';

const [STORED, DEFLATED] = [0, 8];

/**
 * Lists the files of a zip archive. Names with `..`, a drive or a leading slash make the archive damaged.
 * @param length of the object, in bytes
 * @throws {ArchiveError} if the archive is damaged or unusable
 */
export async function listZip(read: ReadRange, length: number): Promise<ArchivedFile[]> {
  const object = new ObjectReader(read, length);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(object, length, {
      autoClose: false,
      // `checkContent` does it, as in the console.
      validateEntrySizes: false,
    });
    return await collectFiles(listEntries(zip, object));
  } catch (error) {
    throw object.explain(error);
  }
}

async function* listEntries(zip: ZipFile, object: ObjectReader) {
  for await (const entry of zip.eachEntry()) {
    yield { fileName: entry.fileName, unpack: () => unpackEntry(zip, entry, object) };
  }
}

async function* unpackEntry(zip: ZipFile, entry: Entry, object: ObjectReader): AsyncGenerator<Uint8Array> {
  try {
    if (entry.isEncrypted()) throw damagedArchive('it is encrypted with a password');
    const { fileName, uncompressedSize: bytes, crc32: checksum } = entry;
    yield* checkContent(openEntry(zip, entry), { fileName, bytes, checksum }, crc32);
  } catch (error) {
    throw object.explain(error);
  }
}

async function* openEntry(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const { compressionMethod: method, compressedSize } = entry;
  if (method !== STORED && method !== DEFLATED)
    throw damagedArchive(`unsupported compression method: ${method}`);
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  if (method === STORED) return yield* packed as AsyncIterable<Buffer>;
  const inflate = createInflateRaw();
  // The error is that of the stream that is read here.
  pipeline(packed, inflate, () => undefined);
  yield* inflate as AsyncIterable<Buffer>;
  // Browsers refuse such an archive, too.
  if (inflate.bytesWritten < compressedSize) throw damagedArchive('data follows the end of the archive');
}

/** Reads the ranges that yauzl asks for, and distinguishes errors of the network from errors of the archive. */
class ObjectReader extends yauzl.RandomAccessReader {
  #read: ReadRange;
  #length: number;
  #failure: Error | undefined;

  constructor(read: ReadRange, length: number) {
    super();
    this.#read = read;
    this.#length = length;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const bytes = new PassThrough();
    // S3 refuses a range that begins after the object (InvalidRange), which must not pass for an error of the network.
    if (end > this.#length) return bytes.destroy(damagedArchive('unexpected end of file'));
    const fail = (error: Error) => {
      this.#failure = error;
      bytes.destroy(error);
    };
    this.#read(start, end - 1).then(
      (body) => void pipeline(body, bytes, (error) => error && fail(error)),
      fail,
    );
    return bytes;
  }

  /** Returns the error of the network, if there was one, or else the error of the archive. */
  explain(error: unknown): Error {
    if (this.#failure !== undefined) return this.#failure;
    if (error instanceof ArchiveError) return error;
    return damagedArchive(error instanceof Error ? error.message : String(error), error);
  }
}
