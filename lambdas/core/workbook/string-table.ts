import { WorkbookError } from './xml.ts';

const BLOCK_BYTES = 1_048_576;
const MAX_BYTES = 128 * BLOCK_BYTES;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });

/** The texts of a workbook, by number. They take little more memory than their bytes. */
export class StringTable {
  #blocks: Uint8Array[] = [];
  /** Bytes used of the last block. */
  #used = 0;
  /** Block, start and end of each text. */
  #places = new Uint32Array(3 * 1_024);
  #count = 0;

  /** @param text of at most a third of `BLOCK_BYTES` characters */
  add(text: string): void {
    // A character of UTF-16 has up to three bytes.
    if (this.#blocks.length === 0 || this.#used + text.length * 3 > BLOCK_BYTES) {
      if (this.#blocks.length * BLOCK_BYTES === MAX_BYTES) {
        throw new WorkbookError('has more than 128 MiB of different texts. Save its sheet as CSV.');
      }
      this.#blocks.push(new Uint8Array(BLOCK_BYTES));
      this.#used = 0;
    }
    const block = this.#blocks.length - 1;
    const { written } = ENCODER.encodeInto(text, this.#blocks[block]!.subarray(this.#used));
    if (this.#places.length < 3 * (this.#count + 1)) {
      const grown = new Uint32Array(this.#places.length * 2);
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places.set([block, this.#used, this.#used + written], 3 * this.#count++);
    this.#used += written;
  }

  /** @returns undefined if no text has this number */
  get(index: number): string | undefined {
    if (!(index >= 0 && index < this.#count)) return undefined;
    const [block, start, end] = this.#places.subarray(3 * index, 3 * index + 3);
    return DECODER.decode(this.#blocks[block!]!.subarray(start, end));
  }
}
