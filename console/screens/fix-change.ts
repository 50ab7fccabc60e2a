const ROWS_AT_ONCE = 100;

/** A change of rows, one after the other. A few rows change at once; many are left for later steps. */
export class Change {
  #work: Iterator<undefined> | undefined;

  /** True while rows are left. */
  get isOpen(): boolean {
    return this.#work !== undefined;
  }

  /** Begins another change, after the end of the one before. */
  begin(change: () => Iterator<undefined>): void {
    this.end();
    this.#work = change();
    for (let rows = 0; rows < ROWS_AT_ONCE && this.goOn(); rows++);
  }

  /** Changes the next row. @returns false if none is left */
  goOn(): boolean {
    if (this.#work?.next().done) this.#work = undefined;
    return this.isOpen;
  }

  end(): void {
    while (this.goOn());
  }
}
