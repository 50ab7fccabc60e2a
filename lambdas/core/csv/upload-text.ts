import { isAscii } from 'node:buffer';
import type { FormatSummary } from '../row-batch.ts';

export type Encoding = NonNullable<FormatSummary['encoding']>;

/** Where a reading of the text may begin again. */
export interface TextPosition {
  /** The first byte that is not decoded. */
  readonly byte: number;
  /** Absent while all bytes were ASCII: then every encoding but UTF-16 is possible. */
  readonly encoding?: Encoding | undefined;
}

/** How many bytes from the first that is not ASCII decide what the text is written in. */
const DECIDING_BYTES = 65_536;
/** The longest sequence of bytes that stands for one character. */
const MAX_SEQUENCE_BYTES = 4;
const BYTE_ORDER_MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['UTF-8', [0xef, 0xbb, 0xbf]],
  ['UTF-16LE', [0xff, 0xfe]],
  ['UTF-16BE', [0xfe, 0xff]],
];
/**
 * What stands for the bytes 0x80 to 0x9f (WHATWG Encoding standard, index windows-1252; five of them are not given away,
 * and show that a text is in another code page); the others are as in Latin-1.
 */
const WINDOWS_1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ';
const UTF_8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UTF_8_ONLY = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const UTF_16 = {
  'UTF-16LE': new TextDecoder('utf-16le', { ignoreBOM: true }),
  'UTF-16BE': new TextDecoder('utf-16be', { ignoreBOM: true }),
};

/**
 * Decodes bytes that come in pieces cut anywhere, and finds out what they are written in. Unlike a streaming
 * TextDecoder it says up to which byte it has read, and can begin there again.
 */
export class UploadText {
  /** Bytes that came and are not decoded yet. */
  #rest: Buffer = Buffer.alloc(0);
  #byte: number;
  #encoding: Encoding | undefined;

  constructor({ byte, encoding }: TextPosition = { byte: 0 }) {
    this.#byte = byte;
    this.#encoding = byte === 0 ? undefined : encoding;
  }

  get position(): TextPosition {
    return { byte: this.#byte, encoding: this.#encoding };
  }

  push(chunk: Uint8Array): string {
    return this.#read(chunk, false);
  }

  /** What is left when no more comes. */
  end(): string {
    return this.#read(new Uint8Array(), true);
  }

  #read(chunk: Uint8Array, final: boolean): string {
    let bytes = this.#rest.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#rest, chunk]);
    this.#rest = bytes;
    if (this.#byte === 0 && this.#encoding === undefined) {
      if (bytes.length < 3 && !final) return '';
      bytes = this.#readMark(bytes);
    }
    let ascii = '';
    if (this.#encoding === undefined) {
      const length = isAscii(bytes) ? bytes.length : bytes.findIndex((byte) => byte >= 0x80);
      ascii = bytes.toString('latin1', 0, length);
      this.#byte += length;
      bytes = bytes.subarray(length);
      if (bytes.length === 0 || (bytes.length < DECIDING_BYTES && !final)) {
        this.#keep(bytes);
        return ascii;
      }
      this.#encoding = decideEncoding(bytes.subarray(0, DECIDING_BYTES), final);
    }
    const whole = final ? bytes.length : bytes.length - unfinishedBytes(bytes, this.#encoding);
    this.#byte += whole;
    this.#keep(bytes.subarray(whole));
    return ascii + decode(bytes.subarray(0, whole), this.#encoding);
  }

  /** @returns the bytes behind a mark that says the encoding, which two bytes of UTF-16 say too */
  #readMark(bytes: Buffer): Buffer {
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

  #keep(rest: Buffer): void {
    // A copy: the piece that it is a part of is not to stay in memory.
    this.#rest = Buffer.from(rest);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** UTF-8 with damaged characters has more that are whole; other texts hardly ever look like UTF-8. */
function decideEncoding(bytes: Buffer, isWhole: boolean): Encoding {
  const complete = isWhole ? bytes : bytes.subarray(0, bytes.length - unfinishedBytes(bytes, 'UTF-8'));
  try {
    UTF_8_ONLY.decode(complete);
    return 'UTF-8';
  } catch {
    const text = UTF_8.decode(complete);
    const damaged = text.match(/\ufffd/g)?.length ?? 0;
    const whole = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
    return damaged > whole ? 'Windows-1252' : 'UTF-8';
  }
}

function decode(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'Windows-1252') {
    return bytes
      .toString('latin1')
      .replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
  }
  if (encoding !== 'UTF-8') return UTF_16[encoding].decode(bytes);
  return isAscii(bytes) ? bytes.toString('latin1') : UTF_8.decode(bytes);
}

/** How many bytes at the end may be the beginning of a character. */
function unfinishedBytes(bytes: Buffer, encoding: Encoding): number {
  if (encoding === 'UTF-8') return unfinishedBytesOfUtf8(bytes);
  if (encoding === 'Windows-1252') return 0;
  const odd = bytes.length % 2;
  if (bytes.length - odd === 0) return odd;
  const highByte = bytes[bytes.length - odd - (encoding === 'UTF-16LE' ? 1 : 2)]!;
  // The first half of a surrogate pair.
  return highByte >= 0xd8 && highByte < 0xdc ? odd + 2 : odd;
}

/** Unicode standard, table 3-6. */
function unfinishedBytesOfUtf8(bytes: Buffer): number {
  for (let count = 1; count < MAX_SEQUENCE_BYTES && count <= bytes.length; count++) {
    const byte = bytes[bytes.length - count]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needed = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return needed > count ? count : 0;
  }
  return 0;
}
