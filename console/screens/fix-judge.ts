import { COLUMNS, REJECT_COLUMNS } from '../../lambdas/core/columns.ts';
import { detectFormat, HEAD_CHARACTERS } from '../../lambdas/core/detect/detect-format.ts';
import { neutralizeFormula } from '../../lambdas/core/formulas.ts';
import { createFileCheck } from '../../lambdas/core/rows/profile-check.ts';
import type { Problem, RowCheck } from '../../lambdas/core/rows/row-check.ts';
import type { Rules } from '../../lambdas/core/rules.ts';

const REASONS = REJECT_COLUMNS.map(() => '');

interface FileFacts {
  readonly storeId: string;
  /** Transaction date in the name of the file. */
  readonly date: string | undefined;
}

/** The file of corrections. */
interface Corrections {
  readonly header: string;
  /** Rows that are corrected now, in the order of the file. */
  readonly rows: () => Iterable<number>;
  /** Returns the values of a corrected row in the order of the titles. */
  readonly read: (row: number) => readonly string[];
  /** Writes the line of a corrected row. */
  readonly write: (row: number) => string;
}

/** Judges the rows of a file of corrections, whose beginning decides its format. */
export class Judge {
  /** Rows that break no rule. */
  readonly ready = new Set<number>();
  /** Rows that have changed since they were judged. */
  readonly unjudged = new Set<number>();
  #problems = new Map<number, readonly Problem[]>();
  #corrections: Corrections;
  #rules: Rules;
  #facts: FileFacts;
  #check: RowCheck | undefined;
  #format = '';
  /** Rows in the beginning of the file; undefined if all of them are. */
  #headRows: ReadonlySet<number> | undefined;
  /** True if the beginning has changed since its format was read. */
  #hasOtherHead = false;
  #values = COLUMNS.map(() => '');
  #numbers = COLUMNS.map(() => Number.NaN);

  constructor(rules: Rules, facts: FileFacts, corrections: Corrections) {
    this.#rules = rules;
    this.#facts = facts;
    this.#corrections = corrections;
  }

  /** Takes notice of other values of a row. @param isCorrected false if it has none any more */
  change(row: number, isCorrected: boolean): void {
    this.#hasOtherHead ||= this.#headRows?.has(row) ?? true;
    if (isCorrected) this.unjudged.add(row);
    else for (const known of [this.#problems, this.ready, this.unjudged]) known.delete(row);
  }

  /** Returns the problems of a corrected row as it is now; undefined if the format of the file cannot be detected. */
  findProblems(row: number): readonly Problem[] | undefined {
    this.#readFormat();
    if (this.unjudged.delete(row)) {
      const problems = this.judge(this.#corrections.read(row));
      if (problems !== undefined) this.setProblems(row, problems);
    }
    return this.#problems.get(row);
  }

  setProblems(row: number, problems: readonly Problem[]): void {
    this.#problems.set(row, problems);
    if (problems.length === 0) this.ready.add(row);
    else this.ready.delete(row);
  }

  /** @param values in the order of the titles @returns undefined if the format of the file cannot be detected */
  judge(values: readonly string[]): readonly Problem[] | undefined {
    this.#readFormat();
    return this.#check?.([...REASONS, ...values.map(neutralizeFormula)], this.#values, this.#numbers);
  }

  /** Reads the beginning of the file again. If its format is another one now, every row is to be judged again. */
  #readFormat(): void {
    if (!this.#hasOtherHead) return;
    this.#hasOtherHead = false;
    const head = this.#readHead().slice(0, HEAD_CHARACTERS);
    const format = detectFormat(head, 'UTF-8', this.#rules);
    const decisive =
      'code' in format ? format : [format.header, format.dialect, format.values, format.summary.profile];
    const described = JSON.stringify(decisive);
    if (described === this.#format) return;
    this.#format = described;
    const facts = { ...this.#facts, receivedAt: new Date().toISOString() };
    this.#check = 'code' in format ? undefined : createFileCheck(format, this.#rules, facts);
    for (const row of this.#corrections.rows()) this.unjudged.add(row);
  }

  #readHead(): string {
    const { header, rows, write } = this.#corrections;
    let head = header;
    const headRows = new Set<number>();
    this.#headRows = undefined;
    for (const row of rows()) {
      if (head.length >= HEAD_CHARACTERS) {
        this.#headRows = headRows;
        break;
      }
      head += write(row);
      headRows.add(row);
    }
    return head;
  }
}
