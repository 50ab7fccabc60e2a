import { damagedArchive, findArchiveFault, type Unpack } from '../../lambdas/core/archive/archive.ts';
import type { Failure } from '../../lambdas/core/reject-codes.ts';
import { readBlob, readStream, toStream } from './chunks.ts';

/** First bytes of a member (RFC 1952, 2.3.1): the signature, and deflate as its method. */
const MEMBER = [0x1f, 0x8b, 8] as const;
/** A browser unpacks a chunk as a whole, to at most 1,032 times its size (zlib technical details). */
const PACKED_CHUNK_BYTES = 65_536;

/**
 * A gzip file, which has one member or several. `DecompressionStream` reads only one: the ends of the others are found
 * by trying where the next one may begin.
 */
export class GzipFile {
  #blob: Blob;
  #onRead: (bytes: number) => void;
  /** Undefined until the first member turns out not to be the only one. */
  #members: readonly Blob[] | undefined;

  constructor(blob: Blob, onRead: (bytes: number) => void) {
    this.#blob = blob;
    this.#onRead = onRead;
  }

  /** @throws {ArchiveError} at the place where it is damaged */
  async *unpack(): AsyncGenerator<Uint8Array> {
    for (const member of this.#members ?? [this.#blob]) yield* decompress(member, 'gzip', this.#onRead);
  }

  /** Unpacks the file in advance. @returns the reason to refuse it, or undefined */
  async findFault(maxUnpackedMiB: number): Promise<Failure | undefined> {
    const find = (unpack: Unpack) => findArchiveFault(unpack, maxUnpackedMiB, () => false);
    const fault = await find(() => this.unpack());
    if (fault?.code !== 'archive-damaged') return fault;
    const starts = await findStarts(this.#blob);
    // The only member is damaged.
    if (starts.length === 0) return fault;
    const members: Blob[] = [];
    let start = 0;
    let last: Failure | undefined;
    for (const end of [...starts, this.#blob.size]) {
      const member = this.#blob.slice(start, end);
      last = await find(() => decompress(member, 'gzip'));
      if (last !== undefined) continue;
      members.push(member);
      start = end;
    }
    if (last !== undefined) return last;
    this.#members = members;
    return find(() => this.unpack());
  }
}

/** Unpacks one compressed stream. @throws {ArchiveError} at the place where it is damaged */
export async function* decompress(
  packed: Blob,
  format: 'gzip' | 'deflate-raw',
  onRead?: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  // An error of the file itself, such as one that was removed, is not an error of the archive.
  let fileError: unknown;
  async function* read() {
    try {
      yield* readBlob(packed, onRead, PACKED_CHUNK_BYTES);
    } catch (error) {
      fileError = error;
      throw error;
    }
  }
  try {
    yield* readStream(toStream(read()).pipeThrough(new DecompressionStream(format)));
  } catch (error) {
    throw fileError ?? damagedArchive(explain(error as Error), error);
  }
}

/** Says an error of any browser as the parser says it. WebKit has two errors for everything. */
export function explain({ message }: Error): string {
  if (/truncated|unexpected end|incomplete|without reaching the stream end/i.test(message))
    return 'unexpected end of file';
  if (/junk|trailing|after (?:the )?end/i.test(message)) return 'data follows the end of the archive';
  if (/^extra bytes past the end/i.test(message)) return 'it ends too early, or data follows its end';
  if (/^failed to decode data/i.test(message)) return 'its data is damaged';
  return message
    .replace(/^The (?:compressed data was not valid|input data is corrupted): /, '')
    .replace(/\.$/, '');
}

/** Finds the places, except the first, at which a member may begin. */
async function findStarts(blob: Blob): Promise<number[]> {
  const starts: number[] = [];
  let offset = 0;
  let matched = 0;
  for await (const chunk of readBlob(blob)) {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index];
      if (byte === MEMBER[matched]) matched++;
      else matched = byte === MEMBER[0] ? 1 : 0;
      if (matched < MEMBER.length) continue;
      const start = offset + index + 1 - MEMBER.length;
      if (start > 0) starts.push(start);
      matched = 0;
    }
    offset += chunk.length;
  }
  return starts;
}
