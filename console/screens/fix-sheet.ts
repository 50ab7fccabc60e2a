import type { RejectedEntry, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import type { Problem } from '../../lambdas/core/rows/row-check.ts';
import type { Rules } from '../../lambdas/core/rules.ts';
import { Change } from './fix-change.ts';
import { CorrectionsCsv } from './fix-csv.ts';
import { Judge } from './fix-judge.ts';
import { nameCorrections, readDateOfKey } from './fix-name.ts';
import { addToReasons, nameReason, type Reason, removeFromReasons } from './fix-reasons.ts';

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

/** Values of a corrected row before a step. */
interface Before {
  readonly row: number;
  readonly before: readonly string[] | undefined;
}

const MAX_STEPS = 1_000;
const PART_CHARACTERS = 65_536;

/**
 * Rejected rows of an upload and their corrections. Each correction is judged by the rules of the store, in the format
 * that the parser will detect in the file of corrections. There may be 100,000: a change of many rows is left to `work`,
 * and rows are judged there, or when their problems are read. Another change begins after the end of the one before.
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
  #csv: CorrectionsCsv;
  #judge: Judge;
  #edits = new Map<number, readonly string[]>();
  #change = new Change();
  #steps: (readonly Before[])[] = [];

  /** @throws {Error} if the upload has no header */
  constructor(upload: UploadAnswer, rules: Rules) {
    const { header, key, store } = upload;
    if (header === null) throw new Error('the upload has no header');
    this.#csv = new CorrectionsCsv(header, upload);
    this.columns = this.#csv.titles;
    const { fileDay } = rules.profile ?? {};
    const corrections = {
      header: this.#csv.header,
      rows: () => this.#edits.keys(),
      read: (row: number) => this.#csv.trim(this.#edits.get(row)!),
      write: (row: number) => this.#csv.formatLine(this.rows[row]!.entry, this.#edits.get(row)!),
    };
    this.#judge = new Judge(rules, { storeId: store, date: readDateOfKey(key, fileDay) }, corrections);
    this.fileName = nameCorrections(key, fileDay);
  }

  get steps(): number {
    return this.#steps.length;
  }

  get edited(): number {
    return this.#edits.size;
  }

  /** True while rows change, or are to be judged. */
  get isBusy(): boolean {
    return this.#change.isOpen || this.#judge.unjudged.size > 0;
  }

  /** Rows whose corrections break no rule, as far as they are judged. */
  get ready(): ReadonlySet<number> {
    return this.#judge.ready;
  }

  add(entries: readonly RejectedEntry[]): void {
    for (const entry of entries) {
      const canEdit = !entry.isCut;
      const values = canEdit ? this.#csv.readRow(entry) : [];
      if (values.length > this.columns.length) this.columns = [...this.#csv.titles, ''];
      this.rows.push({ entry, values, canEdit });
    }
    const first = this.rows.length - entries.length;
    this.open = [...this.open, ...entries.map((_, index) => first + index)];
    this.reasons = addToReasons(this.reasons, entries, first);
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
    return this.#judge.findProblems(row) ?? [{ column: field, code, message }];
  }

  /** Does what is left of a change, and judges the changed rows. It gives way after each row. */
  *work(): Generator<undefined, void> {
    while (this.#change.goOn()) yield;
    // Another change, and another format, add rows to those that are left.
    for (const row of this.#judge.unjudged) {
      this.#judge.findProblems(row);
      do yield;
      while (this.#change.goOn());
    }
  }

  /** Ends a change of many rows that has begun. */
  endChange(): void {
    this.#change.end();
  }

  /** Changes cells as one step. */
  edit(changes: readonly CellChange[]): void {
    this.#change.begin(() => this.#edit(changes));
  }

  /** Takes the last step back. */
  undo(): void {
    this.#change.begin(() => this.#takeBack(this.#steps.pop() ?? []));
  }

  /** Takes rows out that a file corrected. */
  remove(rows: readonly number[]): void {
    const removed = new Set(rows);
    this.#change.begin(() => this.#takeBack(rows.map((row) => ({ row, before: undefined }))));
    this.#steps = [];
    this.open = this.open.filter((row) => !removed.has(row));
    this.reasons = removeFromReasons(this.reasons, removed);
  }

  /** Writes the values of an earlier correction into a row. */
  restore(row: number, values: readonly string[]): void {
    if (!this.rows[row]?.canEdit) return;
    this.#set(
      row,
      this.columns.map((_, index) => values[index] ?? ''),
    );
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
      const problems = this.#judge.judge(this.#csv.trim(changed));
      if (problems?.every((each) => each.column !== title)) all.push(other);
    }
    return { all, sameValue: all.filter((other) => this.rows[other]!.values[column] === values[column]) };
  }

  /** Writes the corrections of some rows as a file, each tied to the row that was rejected first. It gives way after each. */
  *writeCsv(rows: Iterable<number>): Generator<undefined, Blob> {
    const parts: Blob[] = [];
    let text = this.#csv.header;
    for (const row of rows) {
      text += this.#csv.formatLine(this.rows[row]!.entry, this.#edits.get(row) ?? []);
      if (text.length > PART_CHARACTERS) {
        parts.push(new Blob([text]));
        text = '';
      }
      yield;
    }
    return new Blob([...parts, text], { type: 'text/csv' });
  }

  /** Adds a problem that only the parser found. */
  addProblem(row: number, problem: Problem): void {
    this.#judge.setProblems(row, [problem]);
  }

  *#edit(changes: readonly CellChange[]): Generator<undefined> {
    const step: Before[] = [];
    for (const { row, column, value } of changes) {
      if (!this.rows[row]?.canEdit || this.read(row, column) === value) continue;
      const before = this.#edits.get(row);
      const former = before ?? this.rows[row].values;
      if (step.push({ row, before }) === 1) this.#steps = [...this.#steps.slice(-MAX_STEPS), step];
      this.#set(
        row,
        this.columns.map((_, index) => (index === column ? value : (former[index] ?? ''))),
      );
      yield;
    }
  }

  *#takeBack(step: readonly Before[]): Generator<undefined> {
    for (let index = step.length - 1; index >= 0; index--) {
      const { row, before } = step[index]!;
      this.#set(row, before);
      yield;
    }
  }

  /** @param values those of the file, or none, for a row without a correction */
  #set(row: number, values: readonly string[] | undefined): void {
    const { values: original } = this.rows[row]!;
    const isCorrected = values?.some((value, index) => value !== (original[index] ?? '')) === true;
    if (isCorrected) this.#edits.set(row, values!);
    else this.#edits.delete(row);
    this.#judge.change(row, isCorrected);
  }
}
