/** A column of a batch as it grows: the elements of a PostgreSQL array. */
export class ColumnText {
  /** Elements that are parts of the text from which they were cut, and keep all of it in memory. */
  #attached: string[] = [];
  /** Elements that stand for themselves, many in one text. */
  #detached: string[] = [];

  push(element: string): void {
    this.#attached.push(element);
  }

  /** Lets go of the texts from which elements were cut. */
  detach(): void {
    if (this.#attached.length === 0) return;
    this.#detached.push(detachedText(this.#attached.join(','), this.#attached.length === 1));
    this.#attached = [];
  }

  /** The text of the array: `{a,b,c}`. */
  toString(): string {
    return `{${[...this.#detached, ...this.#attached].join(',')}}`;
  }
}

/** @param isPart whether the text may be a part of another one: what was joined of many is a text of its own */
export function detachedText(text: string, isPart = true): string {
  return isPart ? Buffer.from(text).toString() : text;
}
