import { PassThrough, pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { excerptText } from '../../core/excerpt-text.ts';
import { ArchiveError, damagedArchive, type ReadRange } from './archive.ts';

/** Entries that operating systems add to archives. */
const NOT_A_FILE = /\/$|^__MACOSX\/|(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/;
const MAX_ENTRIES = 200;
const MAX_QUOTED_CHARACTERS = 300;

/** A file in an archive. */
export interface ArchivedFile {
  /** Path in the archive: no other file has it, and no part of it is empty, `.` or `..`. */
  readonly name: string;
  /** Unpacks the file from its beginning. @throws {ArchiveError} at the place where it is damaged */
  readonly unpack: () => AsyncGenerator<Buffer>;
}

/**
 * Lists the files of a zip archive. Names with `..`, a drive or a leading slash make the archive damaged.
 * @param length of the object, in bytes
 * @throws {ArchiveError} if the archive is damaged or unusable
 */
export async function listZip(read: ReadRange, length: number): Promise<ArchivedFile[]> {
  const object = new ObjectReader(read);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(object, length, { autoClose: false });
    const files = new Map<string, ArchivedFile>();
    let entries = 0;
    for await (const entry of zip.eachEntry()) {
      // Each entry costs one or two requests.
      if (++entries > MAX_ENTRIES) {
        throw unusableArchive(`has more than ${MAX_ENTRIES} entries. Split the archive.`);
      }
      if (NOT_A_FILE.test(entry.fileName)) continue;
      const name = readName(entry.fileName);
      if (files.has(name)) throw unusableArchive(`has several files named ${quote(name)}. Rename them.`);
      files.set(name, { name, unpack: () => unpackEntry(zip, entry, object) });
    }
    if (files.size === 0) throw unusableArchive('contains no file. Compress a CSV file.');
    return [...files.values()];
  } catch (error) {
    throw object.explain(error);
  }
}

function readName(fileName: string): string {
  if (/\p{Cc}/u.test(fileName)) {
    throw unusableArchive(`has a file whose name has control characters: ${quote(fileName)}. Rename it.`);
  }
  return fileName
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

async function* unpackEntry(zip: ZipFile, entry: Entry, object: ObjectReader): AsyncGenerator<Buffer> {
  try {
    if (entry.isEncrypted()) throw damagedArchive('it is encrypted with a password');
    let sum = 0;
    for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== entry.crc32) throw damagedArchive(`the checksum of ${quote(entry.fileName)} does not match`);
  } catch (error) {
    throw object.explain(error);
  }
}

/** @param fault such as `contains no file.`, after `The archive` */
export function unusableArchive(fault: string): ArchiveError {
  return new ArchiveError({ code: 'archive-unusable', message: `The archive ${fault}` });
}

function quote(name: string): string {
  return `"${excerptText(name, MAX_QUOTED_CHARACTERS)}"`;
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
