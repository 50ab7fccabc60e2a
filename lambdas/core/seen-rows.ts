import { COLUMNS } from './columns.ts';
import type { RowBatch } from './row-batch.ts';

/** A row whose id an earlier row of its file has. */
export interface RepeatedRow {
  readonly line: number;
  /** Line of the first row with the id, which will be in the table. */
  readonly firstLine: number;
  /** True if the row has the values of that row. */
  readonly isSame: boolean;
}

/** A row is words of 32 bits: four of its id, two of a hash of its values, and its line. */
const [VALUES, LINE, ROW_WORDS] = [4, 6, 7];
const PAGE_BITS = 14;
const PAGE_ROWS = 1 << PAGE_BITS;
/** A UUID in an array text, with the comma after it. */
const ID_CHARACTERS = 37;
const [QUOTE, COMMA, MINUS, POINT, ZERO, BACKSLASH, END] = [0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x5c, 0x7d];
/** From whole numbers, tenths, hundredths and thousandths to thousandths. */
const SCALES = [1_000, 100, 10, 1];
const TWO_TO_32 = 2 ** 32;
/** Odd numbers without a pattern in their bits. */
const [PRIME, OTHER_PRIME] = [0x9e3779b1, 0x85ebca6b];
const ENCODER = new TextEncoder();

/**
 * The rows of a file, to find those whose id comes again. As in `ledger.settle`, the first row with an id is the valid
 * one, and the others are compared with it. Ids are kept as they are; of the values, a hash of 64 bits is kept, so that
 * other values look the same once in 2^64 times. A row takes 36 to 44 bytes.
 */
export class SeenRows {
  #count = 0;
  #pages: Uint32Array[] = [];
  /**
   * Open addressing: the low bits of the hash of an id give its place, or else the next free one is taken. A place has in
   * its low bits the number of the row, from 1, and above them the other bits of the hash.
   */
  #places = new Uint32Array(PAGE_ROWS);
  #batch = new BatchWords();

  /** Adds the next batch of the file. @returns its rows whose id came before */
  add(batch: Pick<RowBatch, 'rows' | 'rowCount'>): RepeatedRow[] {
    const words = this.#batch.read(batch);
    const repeated: RepeatedRow[] = [];
    for (let at = 0; at < batch.rowCount * ROW_WORDS; at += ROW_WORDS) {
      if (this.#count * 2 >= this.#places.length) this.#addPlaces();
      const first = this.#findOrKeep(words, at);
      if (first === undefined) continue;
      const [page, start] = [this.#pageOf(first), startOf(first)];
      const isSame = isEqual(words, at, page, start, VALUES, LINE);
      repeated.push({ line: words[at + LINE]!, firstLine: page[start + LINE]!, isSame });
    }
    return repeated;
  }

  /** @returns the first row with the id, if this is not the first one */
  #findOrKeep(words: Uint32Array, at: number): number | undefined {
    const mask = this.#places.length - 1;
    const hash = mixId(words, at);
    let place = hash & mask;
    for (; this.#places[place] !== 0; place = (place + 1) & mask) {
      const found = this.#places[place]!;
      const row = (found & mask) - 1;
      // The row itself is far away in memory.
      if (((found ^ hash) & ~mask) !== 0) continue;
      if (isEqual(words, at, this.#pageOf(row), startOf(row), 0, VALUES)) return row;
    }
    const row = this.#count++;
    this.#places[place] = (hash & ~mask) | (row + 1);
    if (startOf(row) === 0) this.#pages.push(new Uint32Array(PAGE_ROWS * ROW_WORDS));
    const [page, start] = [this.#pageOf(row), startOf(row)];
    for (let word = 0; word < ROW_WORDS; word++) page[start + word] = words[at + word]!;
    return undefined;
  }

  #pageOf(row: number): Uint32Array {
    return this.#pages[row >>> PAGE_BITS]!;
  }

  #addPlaces(): void {
    const places = new Uint32Array(2 * this.#places.length);
    const mask = places.length - 1;
    for (let row = 0; row < this.#count; row++) {
      const hash = mixId(this.#pageOf(row), startOf(row));
      let place = hash & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = (hash & ~mask) | (row + 1);
    }
    this.#places = places;
  }
}

function startOf(row: number): number {
  return (row & (PAGE_ROWS - 1)) * ROW_WORDS;
}

function isEqual(
  words: Uint32Array,
  at: number,
  others: Uint32Array,
  otherAt: number,
  from: number,
  to: number,
): boolean {
  for (let word = from; word < to; word++) if (words[at + word] !== others[otherAt + word]) return false;
  return true;
}

function mixId(words: Uint32Array, at: number): number {
  let mixed = 0;
  for (let word = 0; word < VALUES; word++) mixed = mix(mixed, words[at + word]!, PRIME);
  return mixed ^ (mixed >>> 15);
}

function mix(hash: number, value: number, prime: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ value, prime);
}

/** Reads the array texts of a batch as the words of its rows. Bytes are read faster than characters. */
class BatchWords {
  #words = new Uint32Array(0);
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /** @returns the words of the rows, which the next batch replaces */
  read({ rows, rowCount }: Pick<RowBatch, 'rows' | 'rowCount'>): Uint32Array {
    const end = rowCount * ROW_WORDS;
    if (this.#words.length < end) this.#words = new Uint32Array(end);
    this.#words.fill(0, 0, end);
    this.#readIds(rows.ids, end);
    for (const { batchName, reader, isCompared } of COLUMNS) {
      const column = rows[batchName];
      if (!isCompared || column === undefined) continue;
      if (reader === 'quantity' || reader === 'amount') this.#mixNumbers(column, end);
      else this.#mixTexts(column, end);
    }
    this.#readLines(rows.lines, end);
    return this.#words;
  }

  #open(column: string): void {
    // UTF-8 has at most three bytes for a unit of UTF-16. The last word may be read beyond the end.
    const length = 3 * column.length + 4;
    if (this.#bytes.length < length) {
      this.#bytes = new Uint8Array(length);
      this.#view = new DataView(this.#bytes.buffer);
    }
    ENCODER.encodeInto(column, this.#bytes);
  }

  #readIds(column: string, end: number): void {
    this.#open(column);
    let index = 1;
    const [view, words] = [this.#view, this.#words];
    for (let at = 0; at < end; at += ROW_WORDS) {
      words[at] = readHex(view, index, index + 4);
      words[at + 1] = readHex(view, index + 9, index + 14);
      words[at + 2] = readHex(view, index + 19, index + 24);
      words[at + 3] = readHex(view, index + 28, index + 32);
      index += ID_CHARACTERS;
    }
  }

  #readLines(column: string, end: number): void {
    this.#open(column);
    const [bytes, words] = [this.#bytes, this.#words];
    let index = 1;
    for (let at = LINE; at < end; at += ROW_WORDS) {
      let line = 0;
      for (; isDigit(bytes[index]!); index++) line = line * 10 + bytes[index]! - ZERO;
      words[at] = line;
      index++;
    }
  }

  /** Equal texts are written equally in an array. */
  #mixTexts(column: string, end: number): void {
    this.#open(column);
    const [bytes, view, words] = [this.#bytes, this.#view, this.#words];
    let index = 1;
    for (let at = VALUES; at < end; at += ROW_WORDS) {
      const start = index;
      index = findEnd(bytes, start);
      let one = words[at]!;
      let other = words[at + 1]!;
      for (let byte = start; byte < index; byte += 4) {
        const rest = index - byte;
        const word = view.getUint32(byte) >>> (rest < 4 ? 32 - 8 * rest : 0);
        one = mix(one, word, PRIME);
        other = mix(other, word, OTHER_PRIME);
      }
      words[at] = mix(one, index - start, PRIME);
      words[at + 1] = mix(other, index - start, OTHER_PRIME);
      index++;
    }
  }

  /** Numbers have at most three decimals. 1.5 is 1.50. */
  #mixNumbers(column: string, end: number): void {
    this.#open(column);
    const [bytes, words] = [this.#bytes, this.#words];
    let index = 1;
    for (let at = VALUES; at < end; at += ROW_WORDS) {
      const isNegative = bytes[index] === MINUS;
      if (isNegative) index++;
      let number = 0;
      for (; isDigit(bytes[index]!); index++) number = number * 10 + bytes[index]! - ZERO;
      let decimals = 0;
      if (bytes[index] === POINT) {
        const point = index++;
        for (; isDigit(bytes[index]!); index++) number = number * 10 + bytes[index]! - ZERO;
        decimals = index - point - 1;
      }
      number *= isNegative ? -SCALES[decimals]! : SCALES[decimals]!;
      const high = Math.floor(number / TWO_TO_32);
      words[at] = mix(mix(words[at]!, number | 0, PRIME), high, PRIME);
      words[at + 1] = mix(mix(words[at + 1]!, number | 0, OTHER_PRIME), high, OTHER_PRIME);
      index++;
    }
  }
}

/** Reads four hexadecimal digits, in any case, at each of two places. The order of the digits does not matter. */
function readHex(view: DataView, one: number, other: number): number {
  return (readDigits(view.getUint32(one)) << 4) | readDigits(view.getUint32(other));
}

/** Turns four characters into four digits, one in each byte. Letters have 0x40, and count from 1. */
function readDigits(codes: number): number {
  return (codes & 0x0f0f0f0f) + ((codes >>> 6) & 0x01010101) * 9;
}

function isDigit(code: number): boolean {
  return (code - ZERO) >>> 0 < 10;
}

/** Finds the end of an element of an array. */
function findEnd(bytes: Uint8Array, start: number): number {
  let index = start;
  if (bytes[start] !== QUOTE) {
    while (bytes[index] !== COMMA && bytes[index] !== END) index++;
    return index;
  }
  index++;
  while (bytes[index] !== QUOTE) index += bytes[index] === BACKSLASH ? 2 : 1;
  return index + 1;
}
