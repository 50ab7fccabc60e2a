import { PassThrough, pipeline, type Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { excerptText } from '../../core/excerpt-text.ts';
import { ArchiveError, damagedArchive, type ReadRange } from './archive.ts';

/** Entries that operating systems add to archives. */
const NOT_A_FILE = /\/$|^__MACOSX\/|(?:^|\/)(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/;
const MAX_ENTRIES = 200;
/** Entries of workbooks. */
const WORKBOOK_ENTRY = /^(?:\[Content_Types\]\.xml|xl\/.*|mimetype|content\.xml)$/;

/** Unpacks the only file of an archive. @param length of the object, in bytes */
export async function* unpackZip(read: ReadRange, length: number): AsyncGenerator<Buffer> {
  const object = new ObjectReader(read);
  try {
    const zip = await yauzl.fromRandomAccessReaderPromise(object, length, { autoClose: false });
    const member = await findOnlyFile(zip);
    if (member.isEncrypted()) throw damagedArchive('it is encrypted with a password');
    let sum = 0;
    for await (const chunk of (await zip.openReadStreamPromise(member)) as AsyncIterable<Buffer>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== member.crc32) throw damagedArchive('its checksum does not match');
  } catch (error) {
    throw object.explain(error);
  }
}

async function findOnlyFile(zip: ZipFile): Promise<Entry> {
  const files: Entry[] = [];
  let entries = 0;
  for await (const entry of zip.eachEntry()) {
    // Each entry costs one or two requests.
    if (++entries > MAX_ENTRIES) break;
    if (NOT_A_FILE.test(entry.fileName)) continue;
    files.push(entry);
    if (files.length > 2) break;
  }
  const [only] = files;
  if (only !== undefined && files.length === 1 && entries <= MAX_ENTRIES) return only;
  const names = files.map(({ fileName }) => fileName);
  const message = names.some((name) => WORKBOOK_ENTRY.test(name))
    ? 'The file is a workbook. Save its sheet as CSV and drop the CSV file.'
    : entries > MAX_ENTRIES
      ? `The archive has more than ${MAX_ENTRIES} entries. Compress each CSV file separately.`
      : names.length === 0
        ? 'The archive contains no file. Compress one CSV file.'
        : `The archive contains several files: ${excerptText(names.join(', '), 300)}. Compress each CSV file separately.`;
  throw new ArchiveError({ code: 'archive-not-one-file', message });
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
