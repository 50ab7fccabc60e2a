/** The longest sequence of bytes that stands for one character. */
const MAX_SEQUENCE_BYTES = 4;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * Decodes UTF-8 that comes in pieces cut anywhere. Unlike a streaming TextDecoder it says up to which byte it has
 * read, and can begin there again.
 */
export class Utf8Text {
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The first bytes of a character whose last ones have not come. */
  #rest = Buffer.alloc(0);
  #offset: number;

  /** @param offset of the first byte that will be pushed, in the whole text */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** How many bytes of the whole text are decoded. */
  get offset(): number {
    return this.#offset;
  }

  push(chunk: Uint8Array): string {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - unfinishedBytes(bytes);
    this.#rest = Buffer.from(bytes.subarray(whole));
    return this.#decode(bytes.subarray(0, whole));
  }

  /** What is left when no more comes. */
  end(): string {
    return this.#decode(this.#rest);
  }

  #decode(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes);
    const hasMark = this.#offset === 0 && text.startsWith(BYTE_ORDER_MARK);
    this.#offset += bytes.length;
    return hasMark ? text.slice(1) : text;
  }
}

/** How many bytes at the end may be the beginning of a longer sequence (Unicode standard, table 3-6). */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let count = 1; count < MAX_SEQUENCE_BYTES && count <= bytes.length; count++) {
    const byte = bytes[bytes.length - count]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > count ? count : 0;
  }
  return 0;
}
