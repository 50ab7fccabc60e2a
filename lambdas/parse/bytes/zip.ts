import { PassThrough, pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { ArchiveError, damagedArchive } from '../../core/archive/archive.ts';
import { type ArchivedFile, collectFiles, quoteName } from '../../core/archive/archived-files.ts';
import type { ReadRange } from './gzip.ts';

/**
 * Lists the files of a zip archive. Names with `..`, a drive or a leading slash make the archive damaged.
 * @param length of the object, in bytes
 * @throws {ArchiveError} if the archive is damaged or unusable
 */
export async function listZip(read: ReadRange, length: number): Promise<ArchivedFile[]> {
  const object = new ObjectReader(read);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(object, length, { autoClose: false });
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

async function* unpackEntry(zip: ZipFile, entry: Entry, object: ObjectReader): AsyncGenerator<Buffer> {
  try {
    if (entry.isEncrypted()) throw damagedArchive('it is encrypted with a password');
    let sum = 0;
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== entry.crc32)
      throw damagedArchive(`the checksum of ${quoteName(entry.fileName)} does not match`);
  } catch (error) {
    throw object.explain(error);
  }
}

/** Reads the ranges that yauzl asks for, and distinguishes errors of the network from errors of the archive. */
class ObjectReader extends yauzl.RandomAccessReader {
  #read: ReadRange;
  #failure: Error | undefined;

  constructor(read: ReadRange) {
    super();
    this.#read = read;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const bytes = new PassThrough();
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
