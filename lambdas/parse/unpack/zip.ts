import { PassThrough, pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { type Archive, ArchiveError, damaged } from './archive.ts';

/** Gives bytes of the object, from `start` to `end`, both included. */
export type ReadRange = (start: number, end: number) => Promise<Readable>;

/** What systems put beside the files that somebody packs. */
const NOT_A_FILE = /\/$|^__MACOSX\/|(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/;
const MAX_ENTRIES = 200;
/** The parts with which office programs begin their workbooks. */
const OF_A_WORKBOOK = /^(?:\[Content_Types\]\.xml|xl\/.*|mimetype|content\.xml)$/;

/** @param length of the object, in bytes */
export function zipArchive(read: ReadRange, length: number): Archive {
  return { compression: 'zip', unpack: () => unpackOnlyMember(read, length) };
}

async function* unpackOnlyMember(read: ReadRange, length: number): AsyncGenerator<Buffer> {
  const object = new ObjectReader(read);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(object, length, { autoClose: false });
    const member = await findOnlyMember(zip);
    if (member.isEncrypted()) throw damaged('its file is protected by a password');
    let sum = 0;
    for await (const chunk of (await zip.openReadStreamPromise(member)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== member.crc32) throw damaged('its checksum does not match');
  } catch (error) {
    throw object.reason(error);
  }
}

async function findOnlyMember(zip: ZipFile): Promise<Entry> {
  const names: string[] = [];
  let only: Entry | undefined;
  let entries = 0;
  for await (const entry of zip.eachEntry()) {
    // Each costs a request or two.
    if (++entries > MAX_ENTRIES) break;
    if (NOT_A_FILE.test(entry.fileName)) continue;
    only = entry;
    names.push(entry.fileName);
    if (names.length > 2) break;
  }
  if (names.length === 1 && only !== undefined && entries <= MAX_ENTRIES) return only;
  const what = names.some((name) => OF_A_WORKBOOK.test(name))
    ? 'The file is a workbook. Save its sheet as CSV and drop that.'
    : entries > MAX_ENTRIES
      ? `The archive has more than ${MAX_ENTRIES} entries. Pack each CSV file by itself.`
      : names.length === 0
        ? 'The archive is empty. Pack one CSV file.'
        : `The archive holds more than one file: ${names.join(', ').slice(0, 300).toWellFormed()}. Pack each CSV file by itself.`;
  throw new ArchiveError({ code: 'archive-not-one-file', message: what });
}

/** Reads the archive where yauzl asks for it, and tells the errors of the network from those of the archive. */
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

  /** Why something failed: the network, or else the archive. */
  reason(error: unknown): Error {
    if (this.#failure !== undefined) return this.#failure;
    if (error instanceof ArchiveError) return error;
    return damaged(error instanceof Error ? error.message : String(error), error);
  }
}
