import type { UploadBytes } from '../core/parse.ts';

export type ClosableBytes = UploadBytes & { close(): void };

const LF = 0x0a;
const CR = 0x0d;

/**
 * The first reading of a file. It tells whether the file has enough lines for more rejected rows than the limit, in any
 * encoding and with any line terminator: counting bytes is many times faster than checking rows. It keeps the bytes of
 * a file that is short enough, so that this file is not read from S3 again.
 */
export class FirstReading {
  #lf = 0;
  #cr = 0;
  #last = LF;
  #isCut = false;
  #kept: Uint8Array[] | undefined = [];
  #bytesLeft: number;
  #maxRejectedRows: number;

  /** @param keptBytes the maximum number of bytes to keep */
  constructor(maxRejectedRows: number, keptBytes: number) {
    this.#maxRejectedRows = maxRejectedRows;
    this.#bytesLeft = keptBytes;
  }

  /** False only if the limit cannot be exceeded. */
  get canExceed(): boolean {
    // A file has one line terminator, and its header is at least one line.
    const rows = Math.max(this.#lf, this.#cr) + (this.#last === LF || this.#last === CR ? 0 : 1) - 1;
    return this.#isCut || rows > this.#maxRejectedRows;
  }

  /** Adds the next bytes. */
  add(chunk: Uint8Array): void {
    this.#lf += countByte(chunk, LF);
    this.#cr += countByte(chunk, CR);
    this.#last = chunk.at(-1) ?? this.#last;
    this.#bytesLeft -= chunk.length;
    if (this.#bytesLeft >= 0 && !this.canExceed) this.#kept?.push(chunk);
    else this.#kept = undefined;
  }

  /**
   * Reads a file to its end, or until it can exceed the limit.
   * @param isTimeUp is asked after each chunk; a file that is too long to be counted can exceed the limit
   */
  async read({ chunks, close }: ClosableBytes, isTimeUp: () => boolean): Promise<void> {
    try {
      for await (const chunk of chunks) {
        this.add(chunk);
        this.#isCut = isTimeUp();
        if (this.canExceed) return;
      }
    } finally {
      close();
    }
  }

  /** Returns the whole file, or undefined if it was not kept. Each chunk is forgotten when it is read. */
  takeBytes(): Pick<ClosableBytes, 'chunks' | 'close'> | undefined {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined || this.#isCut) return undefined;
    async function* takeChunks() {
      for (let chunk = kept!.shift(); chunk !== undefined; chunk = kept!.shift()) yield chunk;
    }
    return { chunks: takeChunks(), close: () => undefined };
  }
}

/** Counts a byte. Searching for it takes a quarter of the time of a loop over all bytes. */
function countByte(chunk: Uint8Array, byte: number): number {
  let count = 0;
  for (let at = chunk.indexOf(byte); at >= 0; at = chunk.indexOf(byte, at + 1)) count++;
  return count;
}
