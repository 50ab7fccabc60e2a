import type { RejectedEntry, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import type { Problem } from '../../lambdas/core/rows/row-check.ts';
import type { Rules } from '../../lambdas/core/rules.ts';
import { Judge } from './fix-judge.ts';
import { nameCorrections, readDateOfKey } from './fix-name.ts';

/** A rejected row and its values, in the order of the columns. */
export interface SheetRow {
  readonly entry: RejectedEntry;
  readonly values: readonly string[];
  /** False for a row of which the ledger has only the beginning. */
  readonly canEdit: boolean;
}

export interface CellChange {
  readonly row: number;
  readonly column: number;
  readonly value: string;
}

/** Rows that were rejected for the same reason. */
export interface Reason {
  readonly name: string;
  readonly code: string;
  /** Title of the column at fault; empty if the row as a whole is. */
  readonly field: string;
  readonly rows: readonly number[];
}

/** Rows that have the same problem as one that was corrected. */
export interface SameProblem {
  /** Those with the same value. */
  readonly sameValue: readonly number[];
  /** Those with any value. */
  readonly all: readonly number[];
}

type Step = readonly { readonly row: number; readonly before: readonly string[] | undefined }[];

const MAX_STEPS = 1_000;

/**
 * Rejected rows of an upload and their corrections. Each correction is judged by the rules of the store, in the format
 * that the parser will detect in the file of corrections.
 */
export class FixSheet {
  /** Titles of the file; a last one without a name if a row has more values than titles. */
  columns: readonly string[];
  readonly rows: SheetRow[] = [];
  readonly fileName: string;
  /** Rows that no file that was sent corrects. */
  open: readonly number[] = [];
  /** Reasons of these rows, the most frequent first. */
  reasons: readonly Reason[] = [];
  #csv: RejectedCsv;
  #judge: Judge;
  #titles: readonly string[];
  #edits = new Map<number, readonly string[]>();
  #problems = new Map<number, readonly Problem[]>();
  #ready = new Set<number>();
  #steps: Step[] = [];

  /** @throws {Error} if the upload has no header */
  constructor({ header, fileId, format, key, store }: UploadAnswer, rules: Rules) {
    if (header === null) throw new Error('the upload has no header');
    this.#csv = new RejectedCsv(header, fileId, format ?? {});
    this.#titles = this.#csv.titles;
    this.columns = this.#titles;
    const { fileDay } = rules.profile ?? {};
    this.#judge = new Judge(rules, { storeId: store, date: readDateOfKey(key, fileDay) });
    this.fileName = nameCorrections(key, fileDay);
  }

  get steps(): number {
    return this.#steps.length;
  }

  get edited(): number {
    return this.#edits.size;
  }

  /** Rows whose corrections break no rule. */
  get ready(): ReadonlySet<number> {
    return this.#ready;
  }

  add(entries: readonly RejectedEntry[]): void {
    for (const entry of entries) {
      const canEdit = !entry.isCut;
      const values = canEdit ? fold(this.#csv.readRow(entry) ?? [], this.#titles.length) : [];
      if (values.length > this.columns.length) this.columns = [...this.#titles, ''];
      this.rows.push({ entry, values, canEdit });
    }
    const first = this.rows.length - entries.length;
    this.#setOpen([...this.open, ...entries.map((_, index) => first + index)]);
  }

  /** Returns the value of a cell as it is now. */
  read(row: number, column: number): string {
    return (this.#edits.get(row) ?? this.rows[row]?.values)?.[column] ?? '';
  }

  isEdited(row: number): boolean {
    return this.#edits.has(row);
  }

  isChanged(row: number, column: number): boolean {
    return this.#edits.has(row) && this.read(row, column) !== (this.rows[row]?.values[column] ?? '');
  }

  /** Returns what is wrong with a row now; empty if its correction breaks no rule. */
  findProblems(row: number): readonly Problem[] {
    const { field, code, message } = this.rows[row]!.entry;
    return this.#problems.get(row) ?? [{ column: field, code, message }];
  }

  /** Changes cells as one step. @param isContinued true if they belong to the step before */
  edit(changes: readonly CellChange[], isContinued = false): void {
    const step: { row: number; before: readonly string[] | undefined }[] = [];
    for (const { row, column, value } of changes) {
      if (!this.rows[row]?.canEdit || this.read(row, column) === value) continue;
      const values = this.columns.map((_, index) => (index === column ? value : this.read(row, index)));
      step.push({ row, before: this.#edits.get(row) });
      this.#set(row, this.#isOriginal(row, values) ? undefined : values);
    }
    if (step.length === 0) return;
    const former = isContinued ? (this.#steps.pop() ?? []) : [];
    this.#steps = [...this.#steps.slice(-MAX_STEPS), [...former, ...step]];
    this.#judgeAgain(step.map(({ row }) => row));
  }

  /** Takes the last step back. @returns its rows */
  undo(): number[] {
    const step = this.#steps.pop() ?? [];
    for (const { row, before } of step.toReversed()) this.#set(row, before);
    const rows = step.map(({ row }) => row);
    this.#judgeAgain(rows);
    return rows;
  }

  /**
   * Finds the other rows that had the same problem, whose cell is as it was, and in which the new value is right. It gives
   * way after each row: there may be 100,000.
   */
  *findSame(row: number, column: number): Generator<undefined, SameProblem> {
    const { entry, values } = this.rows[row]!;
    const title = this.columns[column];
    // An id belongs to one row.
    const isCause = entry.field === title && !/^id-(missing|not-uuid)$/.test(entry.code);
    const reason = isCause && this.reasons.find(({ name }) => name === nameReason(entry));
    const all: number[] = [];
    for (const other of reason ? reason.rows : []) {
      yield;
      if (other === row || !this.rows[other]!.canEdit || this.isChanged(other, column)) continue;
      const changed = this.columns.map((_, index) => this.read(index === column ? row : other, index));
      const problems = this.#judge.judge(trim(changed, this.#titles.length));
      if (problems?.every((each) => each.column !== title)) all.push(other);
    }
    return { all, sameValue: all.filter((other) => this.rows[other]!.values[column] === values[column]) };
  }

  /** Writes the corrections of some rows as a file, each tied to the row that was rejected first. */
  writeCsv(rows: Iterable<number>): string {
    return this.#csv.formatHeader() + Array.from(rows, (row) => this.#writeRow(row)).join('');
  }

  /** Adds problems that only the parser found, by the rows that the lines of its file correct. */
  addProblems(
    found: readonly { readonly file: string; readonly line: number; readonly problem: Problem }[],
  ): void {
    const places = new Map(found.map(({ file, line, problem }) => [`${file} ${line}`, problem]));
    for (const row of this.#edits.keys()) {
      const { firstFile, firstLine } = this.rows[row]!.entry;
      const problem = places.get(`${firstFile} ${firstLine}`);
      if (problem !== undefined) this.#setProblems(row, [problem]);
    }
  }

  /** Takes rows out that a file corrected. */
  remove(rows: readonly number[]): void {
    const removed = new Set(rows);
    for (const row of removed) this.#set(row, undefined);
    this.#steps = [];
    this.#setOpen(this.open.filter((row) => !removed.has(row)));
    this.#judgeAgain(rows);
  }

  #setOpen(open: readonly number[]): void {
    this.open = open;
    const found = Map.groupBy(open, (row) => nameReason(this.rows[row]!.entry));
    this.reasons = Array.from(found, ([name, rows]) => {
      const { code, field } = this.rows[rows[0]!]!.entry;
      return { name, code, field, rows };
    }).sort((one, other) => other.rows.length - one.rows.length);
  }

  #isOriginal(row: number, values: readonly string[]): boolean {
    const { values: original } = this.rows[row]!;
    return values.every((value, index) => value === (original[index] ?? ''));
  }

  #set(row: number, values: readonly string[] | undefined): void {
    if (values !== undefined) return void this.#edits.set(row, values);
    this.#edits.delete(row);
    this.#problems.delete(row);
    this.#ready.delete(row);
  }

  #setProblems(row: number, problems: readonly Problem[]): void {
    this.#problems.set(row, problems);
    if (problems.length === 0) this.#ready.add(row);
    else this.#ready.delete(row);
  }

  /** Judges the rows that changed, or all corrections if the format of their file is another one now. */
  #judgeAgain(changed: readonly number[]): void {
    const isOther =
      this.#judge.decides(changed) && this.#judge.read(this.#csv.formatHeader(), this.#listLines());
    for (const row of isOther ? this.#edits.keys() : changed) {
      const values = this.#edits.get(row);
      if (values === undefined) continue;
      const problems = this.#judge.judge(trim(values, this.#titles.length));
      this.#setProblems(row, problems ?? this.findProblems(row));
    }
  }

  *#listLines(): Generator<readonly [number, string]> {
    for (const row of this.#edits.keys()) yield [row, this.#writeRow(row)];
  }

  #writeRow(row: number): string {
    const { line, field: column, code, message, text, firstFile, firstLine } = this.rows[row]!.entry;
    const corrects = { file: firstFile, line: firstLine };
    const values = trim(this.#edits.get(row) ?? [], this.#titles.length);
    return this.#csv.formatCorrection({ line, column, code, message, text, corrects }, values);
  }
}

function nameReason({ code, field }: Pick<RejectedEntry, 'code' | 'field'>): string {
  return `${code} ${field}`;
}

/** Puts the values after the last title into one cell. */
function fold(values: readonly string[], titles: number): readonly string[] {
  if (values.length <= titles) return values;
  const extra = values.slice(titles).join(' ').trim();
  return [...values.slice(0, titles), ...(extra === '' ? [] : [extra])];
}

/** Removes the value without a title if it is blank. */
function trim(values: readonly string[], titles: number): readonly string[] {
  return values.slice(titles).every((value) => value.trim() === '') ? values.slice(0, titles) : values;
}
