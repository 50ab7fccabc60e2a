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
    const [only] = this.#attached;
    if (only === undefined) return;
    // What is joined of many is a text of its own; of one it is that one.
    this.#detached.push(this.#attached.length === 1 ? detachedText(only) : this.#attached.join(','));
    this.#attached = [];
  }

  /** The text of the array: `{a,b,c}`. */
  toString(): string {
    return `{${[...this.#detached, ...this.#attached].join(',')}}`;
  }
}

/** The same text, which is no part of another one. */
export function detachedText(text: string): string {
  return Buffer.from(text).toString();
}
