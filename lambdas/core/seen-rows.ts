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

/** Elements of an array text with quotes. None is empty. */
const ELEMENTS = /"[^"\\]*(?:\\.[^"\\]*)*"|[^,]+/gs;

/**
 * The rows of a file, to find those whose id comes again. As in `ledger.settle`, the first row with an id is the valid
 * one, and the others are compared with it. Of its values a hash is kept. An id takes about 110 bytes.
 */
export class SeenRows {
  /** True if a row has an id that was not kept. */
  isFull = false;
  #maxIds: number;
  /** Index of the first row with an id in the other lists. */
  #indexes = new Map<string, number>();
  #lines: number[] = [];
  #hashes: number[] = [];

  /** @param maxIds number of ids to keep; later rows are compared with these */
  constructor(maxIds: number) {
    this.#maxIds = maxIds;
  }

  /** Adds the next batch of the file. @returns its rows whose id came before */
  add({ rows, rowCount }: Pick<RowBatch, 'rows' | 'rowCount'>): RepeatedRow[] {
    const ids = splitElements(rows.ids);
    const lines = splitElements(rows.lines);
    const columns = COLUMNS.flatMap(({ batchName, reader, isCompared }) => {
      const column = rows[batchName];
      if (!isCompared || column === undefined) return [];
      // 1.5 is 1.50.
      const isNumber = reader === 'quantity' || reader === 'amount';
      return [isNumber ? splitElements(column).map(Number) : splitElements(column)];
    });
    const repeated: RepeatedRow[] = [];
    for (let row = 0; row < rowCount; row++) {
      const id = ids[row]!.toLowerCase();
      const line = Number(lines[row]);
      let values = '';
      for (const column of columns) values += `${column[row]} `;
      const hash = hashText(values);
      const first = this.#indexes.get(id);
      if (first !== undefined) {
        repeated.push({ line, firstLine: this.#lines[first]!, isSame: this.#hashes[first] === hash });
      } else if (this.#lines.length < this.#maxIds) {
        this.#indexes.set(id, this.#lines.length);
        this.#lines.push(line);
        this.#hashes.push(hash);
      } else this.isFull = true;
    }
    return repeated;
  }
}

function splitElements(array: string): string[] {
  const text = array.slice(1, -1);
  return text.includes('"') ? text.match(ELEMENTS)! : text.split(',');
}

/** Hashes a text to 53 bits (cyrb53 of bryc, in the public domain). */
function hashText(text: string): number {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 2_654_435_761);
    other = Math.imul(other ^ unit, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return (other & 0x1f_ffff) * 2 ** 32 + (one >>> 0);
}
