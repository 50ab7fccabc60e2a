import type { RejectedEntry, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { COLUMNS, REJECT_COLUMNS } from '../../lambdas/core/columns.ts';
import { detectFormat, HEAD_CHARACTERS } from '../../lambdas/core/detect/detect-format.ts';
import { neutralizeFormula } from '../../lambdas/core/formulas.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { createFileCheck } from '../../lambdas/core/rows/profile-check.ts';
import type { Problem, RowCheck } from '../../lambdas/core/rows/row-check.ts';
import type { Rules } from '../../lambdas/core/rules.ts';
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

/** Rows that have the same problem as one that was corrected. */
export interface SameProblem {
  /** Those with the same value. */
  readonly sameValue: readonly number[];
  /** Those with any value. */
  readonly all: readonly number[];
}

type Step = readonly { readonly row: number; readonly before: readonly string[] | undefined }[];

const REASONS = REJECT_COLUMNS.map(() => '');
const MAX_STEPS = 1_000;

/**
 * Rejected rows of an upload and their corrections. Each correction is judged by the rules of the store, in the format
 * that the parser will detect in the file of corrections.
 */
export class FixSheet {
  /** Titles of the file; a last one without a name if a row has more values than titles. */
  columns: readonly string[];
  readonly rows: SheetRow[] = [];
  /** Grows with each change. */
  version = 0;
  #csv: RejectedCsv;
  #rules: Rules;
  #key: string;
  #store: string;
  #titles: readonly string[];
  #edits = new Map<number, readonly string[]>();
  #problems = new Map<number, readonly Problem[]>();
  #removed = new Set<number>();
  #steps: Step[] = [];
  #check: RowCheck | undefined;
  #format = '';

  /** @throws {Error} if the upload has no header */
  constructor({ header, fileId, format, key, store }: UploadAnswer, rules: Rules) {
    if (header === null) throw new Error('the upload has no header');
    this.#csv = new RejectedCsv(header, fileId, format ?? {});
    this.#titles = this.#csv.titles;
    this.columns = this.#titles;
    this.#rules = rules;
    this.#key = key;
    this.#store = store;
  }

  get steps(): number {
    return this.#steps.length;
  }

  get edited(): number {
    return this.#edits.size;
  }

  /** Rows whose corrections break no rule. */
  get ready(): number[] {
    return [...this.#edits.keys()].filter((row) => this.#problems.get(row)?.length === 0);
  }

  /** Rows that are not corrected by a file that was sent. */
  get open(): number[] {
    return this.rows.flatMap((_, row) => (this.#removed.has(row) ? [] : [row]));
  }

  get fileName(): string {
    return nameCorrections(this.#key, this.#rules.profile?.fileDay);
  }

  add(entries: readonly RejectedEntry[]): void {
    for (const entry of entries) {
      const isWhole = !entry.isCut;
      const values = isWhole ? this.#readValues(entry) : [];
      if (values.length > this.columns.length) this.columns = [...this.#titles, ''];
      this.rows.push({ entry, values, canEdit: isWhole });
    }
    this.version++;
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
    const { entry } = this.rows[row]!;
    return this.#problems.get(row) ?? [{ column: entry.field, code: entry.code, message: entry.message }];
  }

  /** Changes cells as one step. */
  edit(changes: readonly CellChange[]): void {
    const step: { row: number; before: readonly string[] | undefined }[] = [];
    for (const { row, column, value } of changes) {
      if (!this.rows[row]?.canEdit || this.read(row, column) === value) continue;
      const before = this.#edits.get(row);
      const values = this.columns.map((_, index) => (index === column ? value : this.read(row, index)));
      step.push({ row, before });
      this.#set(row, this.#isOriginal(row, values) ? undefined : values);
    }
    if (step.length === 0) return;
    this.#steps = [...this.#steps.slice(-MAX_STEPS), step];
    this.#judge(step.map(({ row }) => row));
  }

  /** Takes the last step back. @returns its rows */
  undo(): number[] {
    const step = this.#steps.pop() ?? [];
    for (const { row, before } of step.toReversed()) this.#set(row, before);
    const rows = step.map(({ row }) => row);
    this.#judge(rows);
    return rows;
  }

  /** Finds the other rows that had the same problem, and whose cell is as it was. */
  findSame(row: number, column: number): SameProblem {
    const { entry, values } = this.rows[row]!;
    const all: number[] = [];
    if (entry.field !== this.columns[column]) return { all, sameValue: all };
    for (const other of this.open) {
      const { entry: candidate, canEdit } = this.rows[other]!;
      const isSame = candidate.code === entry.code && candidate.field === entry.field;
      if (isSame && canEdit && other !== row && !this.isChanged(other, column)) all.push(other);
    }
    return { all, sameValue: all.filter((other) => this.rows[other]!.values[column] === values[column]) };
  }

  /** Writes the corrections of some rows as a file, each tied to the row that was rejected first. */
  writeCsv(rows: readonly number[]): string {
    return this.#csv.formatHeader() + rows.map((row) => this.#writeRow(row)).join('');
  }

  /** Adds problems that only the parser found, by the rows that the lines of the file correct. */
  addProblems(
    found: readonly { readonly file: string; readonly line: number; readonly problem: Problem }[],
  ): void {
    const places = new Map(found.map(({ file, line, problem }) => [`${file} ${line}`, problem]));
    for (const row of this.#edits.keys()) {
      const { firstFile, firstLine } = this.rows[row]!.entry;
      const problem = places.get(`${firstFile} ${firstLine}`);
      if (problem !== undefined) this.#problems.set(row, [problem]);
    }
    this.version++;
  }

  /** Takes rows out that a file corrected. */
  remove(rows: readonly number[]): void {
    for (const row of rows) {
      this.#removed.add(row);
      this.#set(row, undefined);
    }
    this.#steps = [];
    this.version++;
  }

  #readValues(entry: RejectedEntry): string[] {
    const values = this.#csv.readRow(entry);
    if (values !== undefined)
      return values.length > this.#titles.length ? fold(values, this.#titles) : values;
    return [];
  }

  #isOriginal(row: number, values: readonly string[]): boolean {
    const { values: original } = this.rows[row]!;
    return values.every((value, index) => value === (original[index] ?? ''));
  }

  #set(row: number, values: readonly string[] | undefined): void {
    if (values === undefined) {
      this.#edits.delete(row);
      this.#problems.delete(row);
    } else this.#edits.set(row, values);
  }

  /** Judges the rows that changed, or all corrections if the format of their file is another one now. */
  #judge(changed: readonly number[]): void {
    this.version++;
    const head = this.#writeHead();
    const format = detectFormat(head, 'UTF-8', this.#rules);
    const described = JSON.stringify(format);
    const isSame = described === this.#format && this.#check !== undefined;
    this.#format = described;
    const date = readDateOfKey(this.#key, this.#rules.profile?.fileDay);
    if (!isSame) {
      const facts = { storeId: this.#store, date, receivedAt: new Date().toISOString() };
      this.#check = 'code' in format ? undefined : createFileCheck(format, this.#rules, facts);
    }
    const values = COLUMNS.map(() => '');
    const numbers = COLUMNS.map(() => Number.NaN);
    for (const row of isSame ? changed : this.#edits.keys()) {
      const edit = this.#edits.get(row);
      if (edit === undefined) continue;
      const fields = [...REASONS, ...trim(edit, this.#titles.length).map(neutralizeFormula)];
      this.#problems.set(row, this.#check?.(fields, values, numbers) ?? this.findProblems(row));
    }
  }

  /** Writes the beginning of the file of corrections, which decides its format. */
  #writeHead(): string {
    let head = this.#csv.formatHeader();
    for (const row of this.#edits.keys()) {
      head += this.#writeRow(row);
      if (head.length > HEAD_CHARACTERS) break;
    }
    return head.slice(0, HEAD_CHARACTERS);
  }

  #writeRow(row: number): string {
    const { entry } = this.rows[row]!;
    const { line, field: column, code, message, text, firstFile, firstLine } = entry;
    const corrects = { file: firstFile, line: firstLine };
    const values = trim(this.#edits.get(row) ?? [], this.#titles.length);
    return this.#csv.formatCorrection({ line, column, code, message, text, corrects }, values);
  }
}

/** Puts the values after the last title into one cell. */
function fold(values: readonly string[], titles: readonly string[]): string[] {
  const extra = values.slice(titles.length).join(' ').trim();
  return [...values.slice(0, titles.length), ...(extra === '' ? [] : [extra])];
}

/** Removes the value without a title if it is blank. */
function trim(values: readonly string[], titles: number): readonly string[] {
  return values.slice(titles).every((value) => value.trim() === '') ? values.slice(0, titles) : values;
}
