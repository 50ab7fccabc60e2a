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

/** Judges the rows of a file of corrections, whose beginning decides its format. */
export class Judge {
  #rules: Rules;
  #facts: FileFacts;
  #check: RowCheck | undefined;
  #format = '';
  /** Rows in the beginning of the file; undefined if all of them are. */
  #headRows: ReadonlySet<number> | undefined;
  #values = COLUMNS.map(() => '');
  #numbers = COLUMNS.map(() => Number.NaN);

  constructor(rules: Rules, facts: FileFacts) {
    this.#rules = rules;
    this.#facts = facts;
  }

  /** True if other values of these rows may change the format of the file. */
  decides(rows: readonly number[]): boolean {
    const head = this.#headRows;
    return head === undefined || rows.some((row) => head.has(row));
  }

  /**
   * Reads the beginning of the file again.
   * @param lines its header, and its rows with their numbers
   * @returns true if its format is another one now, so that every row has to be judged again
   */
  read(header: string, lines: Iterable<readonly [row: number, line: string]>): boolean {
    let head = header;
    const rows = new Set<number>();
    this.#headRows = undefined;
    for (const [row, line] of lines) {
      if (head.length >= HEAD_CHARACTERS) {
        this.#headRows = rows;
        break;
      }
      head += line;
      rows.add(row);
    }
    const format = detectFormat(head.slice(0, HEAD_CHARACTERS), 'UTF-8', this.#rules);
    const decisive =
      'code' in format ? format : [format.header, format.dialect, format.values, format.summary.profile];
    const described = JSON.stringify(decisive);
    if (described === this.#format) return false;
    this.#format = described;
    const facts = { ...this.#facts, receivedAt: new Date().toISOString() };
    this.#check = 'code' in format ? undefined : createFileCheck(format, this.#rules, facts);
    return true;
  }

  /** @param values in the order of the titles @returns undefined if the format of the file cannot be detected */
  judge(values: readonly string[]): readonly Problem[] | undefined {
    return this.#check?.([...REASONS, ...values.map(neutralizeFormula)], this.#values, this.#numbers);
  }
}
