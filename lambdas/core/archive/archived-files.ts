import { excerptText } from '../excerpt-text.ts';
import type { Failure } from '../reject-codes.ts';
import { damagedArchive, type Unpack, unusableArchive } from './archive.ts';

/** Entries that operating systems add to archives. */
const NOT_A_FILE = /\/$|^__MACOSX\/|(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/;
const MAX_ENTRIES = 200;
const MAX_QUOTED_CHARACTERS = 300;
/** S3 user guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1_024;
const ENCODER = new TextEncoder();

/** A file in an archive. */
export interface ArchivedFile {
  /** Path in the archive: no other file has it, and no part of it is empty, `.` or `..`. */
  readonly name: string;
  readonly unpack: Unpack;
}

/** An entry of a zip archive. Its name has no `..`, no drive and no leading slash. */
export interface ZipEntry {
  readonly fileName: string;
  readonly unpack: Unpack;
}

/**
 * Chooses the files among the entries of a zip archive.
 * @throws {ArchiveError} if there is none, or too many, or two of the same name
 */
export async function collectFiles(entries: AsyncIterable<ZipEntry>): Promise<ArchivedFile[]> {
  const files = new Map<string, ArchivedFile>();
  let count = 0;
  for await (const { fileName, unpack } of entries) {
    // Each entry costs one or two requests.
    if (++count > MAX_ENTRIES) {
      throw unusableArchive(`has more than ${MAX_ENTRIES} entries. Split the archive.`);
    }
    if (NOT_A_FILE.test(fileName)) continue;
    const name = readName(fileName);
    if (files.has(name)) throw unusableArchive(`has several files named ${quoteName(name)}. Rename them.`);
    files.set(name, { name, unpack });
  }
  if (files.size === 0) throw unusableArchive('contains no file. Compress a CSV file.');
  return [...files.values()];
}

/**
 * Passes the content of an entry on.
 * @param crc32 adds bytes to a checksum
 * @throws {ArchiveError} at its end, if it is not what the directory of the archive says
 */
export async function* checkContent(
  content: AsyncIterable<Uint8Array>,
  entry: { readonly fileName: string; readonly bytes: number; readonly checksum: number },
  crc32: (bytes: Uint8Array, sum: number) => number,
): AsyncGenerator<Uint8Array> {
  let [bytes, sum] = [0, 0];
  for await (const chunk of content) {
    bytes += chunk.length;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  const name = quoteName(entry.fileName);
  if (bytes !== entry.bytes) throw damagedArchive(`the size of ${name} does not match`);
  if (sum !== entry.checksum) throw damagedArchive(`the checksum of ${name} does not match`);
}

/**
 * Finds a file of an archive whose object would have too long a key.
 * @param prefix of the keys of the files
 * @returns the reason to refuse the archive, or undefined
 */
export function objectToNames(files: readonly ArchivedFile[], prefix: string): Failure | undefined {
  const tooLong = files.find(({ name }) => ENCODER.encode(prefix + name).length > MAX_KEY_BYTES);
  if (tooLong === undefined) return undefined;
  const start = tooLong.name.slice(0, 100);
  return unusableArchive(`has a file whose name is too long: "${start}…". Rename it.`).failure;
}

function readName(fileName: string): string {
  if (/\p{Cc}/u.test(fileName)) {
    throw unusableArchive(`has a file whose name has control characters: ${quoteName(fileName)}. Rename it.`);
  }
  return fileName
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function quoteName(name: string): string {
  return `"${excerptText(name, MAX_QUOTED_CHARACTERS)}"`;
}
