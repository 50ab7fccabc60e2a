import type { FormatSummary } from '../row-batch.ts';

export type Encoding = NonNullable<FormatSummary['encoding']>;

/** Position in the bytes of a text at which decoding can continue. */
export interface TextPosition {
  /** Offset of the first byte that is not decoded. */
  readonly byte: number;
  /** Absent while all bytes are ASCII: every encoding except UTF-16 is still possible. */
  readonly encoding?: Encoding | undefined;
}

/** Number of bytes, from the first one that is not ASCII, that decide the encoding. */
const DECIDING_BYTES = 65_536;
/** Maximum length of a UTF-8 sequence. */
const MAX_SEQUENCE_BYTES = 4;
const BYTE_ORDER_MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['UTF-8', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];
/**
 * Characters of the bytes 0x80 to 0x9f (WHATWG Encoding standard, index windows-1252); the others equal Latin-1. Five
 * bytes are unassigned: they become U+FFFD, since they show another code page. The own table exists because
 * `TextDecoder('windows-1252')` of some Node.js versions decodes these bytes as Latin-1.
 */
const WINDOWS_1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';
const EMPTY = new Uint8Array();
const UTF_8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UTF_8_ONLY = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const UTF_16 = {
  'UTF-16LE': new TextDecoder('utf-16le', { ignoreBOM: true }),
  'UTF-16BE': new TextDecoder('utf-16be', { ignoreBOM: true }),
};

/**
 * Decodes bytes in chunks of any size and detects their encoding. Unlike a streaming TextDecoder it knows the offset of
 * the bytes that it has decoded, and can continue there.
 */
export class TextReader {
  /** Bytes that are not decoded yet. */
  #rest: Uint8Array = EMPTY;
  #byte: number;
  #encoding: Encoding | undefined;

  constructor({ byte, encoding }: TextPosition = { byte: 0 }) {
    this.#byte = byte;
    this.#encoding = encoding;
  }

  get position(): TextPosition {
    return { byte: this.#byte, encoding: this.#encoding };
  }

  read(chunk: Uint8Array): string {
    return this.#decode(chunk, false);
  }

  end(): string {
    return this.#decode(EMPTY, true);
  }

  #decode(chunk: Uint8Array, isEnd: boolean): string {
    let bytes = this.#rest.length === 0 ? chunk : concatenate(this.#rest, chunk);
    if (this.#byte === 0) {
      if (bytes.length < 3 && !isEnd) return this.#keep(bytes);
      bytes = this.#readMark(bytes);
    }
    let ascii = '';
    if (this.#encoding === undefined) {
      ascii = decodeAscii(bytes);
      this.#byte += ascii.length;
      bytes = bytes.subarray(ascii.length);
      if (bytes.length === 0 || (bytes.length < DECIDING_BYTES && !isEnd)) return ascii + this.#keep(bytes);
      this.#encoding = decideEncoding(bytes.subarray(0, DECIDING_BYTES), isEnd);
    }
    const complete = isEnd ? bytes.length : bytes.length - countIncomplete(bytes, this.#encoding);
    this.#byte += complete;
    this.#keep(bytes.subarray(complete));
    return ascii + decode(bytes.subarray(0, complete), this.#encoding);
  }

  /** Detects a byte order mark, or UTF-16 by its first two bytes. @returns the bytes after the mark */
  #readMark(bytes: Uint8Array): Uint8Array {
    for (const [encoding, mark] of BYTE_ORDER_MARKS) {
      if (mark.some((byte, index) => bytes[index] !== byte)) continue;
      this.#encoding = encoding;
      this.#byte = mark.length;
      return bytes.subarray(mark.length);
    }
    if (bytes.length >= 2 && (bytes[0] === 0) !== (bytes[1] === 0)) {
      this.#encoding = bytes[0] === 0 ? 'UTF-16BE' : 'UTF-16LE';
    }
    return bytes;
  }

  /** Keeps a copy, so that the chunk does not stay in memory. The `slice` of a Buffer would not copy. */
  #keep(rest: Uint8Array): '' {
    this.#rest = new Uint8Array(rest);
    return '';
  }
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Decodes the bytes up to the first one that is not ASCII. */
function decodeAscii(bytes: Uint8Array): string {
  try {
    const text = UTF_8_ONLY.decode(bytes);
    // Every longer sequence of UTF-8 has fewer characters than bytes.
    if (text.length === bytes.length) return text;
  } catch {
    // The bytes are not UTF-8, hence not ASCII.
  }
  const end = bytes.findIndex((byte) => byte >= 0x80);
  return UTF_8.decode(bytes.subarray(0, end));
}

/** Decides between UTF-8, of which a few characters may be damaged, and Windows-1252, which rarely looks like UTF-8. */
function decideEncoding(bytes: Uint8Array, isEnd: boolean): Encoding {
  const complete = isEnd ? bytes : bytes.subarray(0, bytes.length - countIncomplete(bytes, 'UTF-8'));
  try {
    UTF_8_ONLY.decode(complete);
    return 'UTF-8';
  } catch {
    return hasMoreDamagedCharacters(UTF_8.decode(complete)) ? 'Windows-1252' : 'UTF-8';
  }
}

function hasMoreDamagedCharacters(text: string): boolean {
  const damaged = text.match(/\ufffd/g)?.length ?? 0;
  const intact = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return damaged > intact;
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  if (encoding === 'UTF-8') return UTF_8.decode(bytes);
  return encoding === 'Windows-1252' ? decodeWindows1252(bytes) : UTF_16[encoding].decode(bytes);
}

function decodeWindows1252(bytes: Uint8Array): string {
  const units = new Uint8Array(2 * bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    const unit = byte >= 0x80 && byte < 0xa0 ? WINDOWS_1252.charCodeAt(byte - 0x80) : byte;
    units[2 * index] = unit & 0xff;
    units[2 * index + 1] = unit >> 8;
  }
  return UTF_16['UTF-16LE'].decode(units);
}

/** Counts the bytes at the end that may be the beginning of a character. */
function countIncomplete(bytes: Uint8Array, encoding: Encoding): number {
  if (encoding === 'UTF-8') return countIncompleteUtf8(bytes);
  if (encoding === 'Windows-1252') return 0;
  const odd = bytes.length % 2;
  const highByte = bytes[bytes.length - odd - (encoding === 'UTF-16LE' ? 1 : 2)] ?? 0;
  const isHighSurrogate = highByte >= 0xd8 && highByte < 0xdc;
  return isHighSurrogate ? odd + 2 : odd;
}

/** Unicode standard, table 3-6. */
function countIncompleteUtf8(bytes: Uint8Array): number {
  for (let count = 1; count < MAX_SEQUENCE_BYTES && count <= bytes.length; count++) {
    const byte = bytes[bytes.length - count]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > count ? count : 0;
  }
  return 0;
}
