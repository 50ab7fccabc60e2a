import { openCsv } from './csv/csv-source.ts';
import { isObject } from './ndjson/member-reader.ts';
import { openNdjson } from './ndjson/ndjson-source.ts';
import type { SourceRecord } from './record.ts';
import type { OpenSource, Source, SourceFacts, SourceState } from './source.ts';

/** Number of bytes that show the format: those of the longest line. */
const DECIDING_BYTES = 262_144;
const LF = 0x0a;
const BLANKS: readonly (number | undefined)[] = [0x09, LF, 0x0d, 0x20];
const OPENING_BRACE = 0x7b;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const UTF_8 = new TextDecoder('utf-8');

/** Opens a file whose name does not say that it is NDJSON: it is if its first line is an object. */
export const openCsvOrNdjson: OpenSource = (at, facts) => {
  if (at === undefined) return new CsvOrNdjson(facts);
  return at.format.summary.syntax === 'NDJSON' ? openNdjson(at, facts) : openCsv(at, facts);
};

class CsvOrNdjson implements Source {
  #facts: SourceFacts;
  /** Bytes read before the format is known. */
  #bytes = new Uint8Array();
  #source: Source | undefined;

  constructor(facts: SourceFacts) {
    this.#facts = facts;
  }

  get format() {
    return this.#source?.format;
  }

  get failure() {
    return this.#source?.failure;
  }

  get encoding() {
    return this.#source?.encoding;
  }

  get state(): SourceState {
    return this.#source?.state ?? { byte: 0 };
  }

  read(chunk: Uint8Array): SourceRecord[] {
    return this.#source === undefined ? this.#open(chunk, false) : this.#source.read(chunk);
  }

  end(): SourceRecord[] {
    const records = this.#source === undefined ? this.#open(new Uint8Array(), true) : [];
    return records.concat(this.#source!.end());
  }

  #open(chunk: Uint8Array, isEnd: boolean): SourceRecord[] {
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    this.#bytes = bytes;
    const isNdjson = beginsWithObject(bytes.subarray(0, DECIDING_BYTES), isEnd);
    if (isNdjson === undefined) return [];
    this.#source = isNdjson ? openNdjson(undefined, this.#facts) : openCsv(undefined, this.#facts);
    this.#bytes = new Uint8Array();
    return this.#source.read(bytes);
  }
}

/** @returns undefined if more bytes decide it */
function beginsWithObject(bytes: Uint8Array, isEnd: boolean): boolean | undefined {
  const isAll = isEnd || bytes.length === DECIDING_BYTES;
  if (bytes.length < BYTE_ORDER_MARK.length && !isAll) return undefined;
  const hasMark = BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte);
  let start = hasMark ? BYTE_ORDER_MARK.length : 0;
  while (BLANKS.includes(bytes[start])) start++;
  if (start === bytes.length && !isAll) return undefined;
  if (bytes[start] !== OPENING_BRACE) return false;
  const end = bytes.indexOf(LF, start);
  if (end < 0 && !isAll) return undefined;
  return isObject(UTF_8.decode(bytes.subarray(start, end < 0 ? bytes.length : end)));
}
