import type { RejectedEntry, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';

/** Reads rejected rows, and writes their corrections as lines of a file. */
export class CorrectionsCsv {
  readonly titles: readonly string[];
  readonly header: string;
  #csv: RejectedCsv;

  constructor(header: string, { fileId, format }: Pick<UploadAnswer, 'fileId' | 'format'>) {
    this.#csv = new RejectedCsv(header, fileId, format ?? {});
    this.titles = this.#csv.titles;
    this.header = this.#csv.formatHeader();
  }

  /** Returns the values of a rejected row. Those after the last title are one value. */
  readRow(entry: RejectedEntry): readonly string[] {
    const values = this.#csv.readRow(entry) ?? [];
    const { length } = this.titles;
    if (values.length <= length) return values;
    const extra = values.slice(length).join(' ').trim();
    return [...values.slice(0, length), ...(extra === '' ? [] : [extra])];
  }

  /** Removes the value without a title if it is blank. */
  trim(values: readonly string[]): readonly string[] {
    const { length } = this.titles;
    return values.slice(length).every((value) => value.trim() === '') ? values.slice(0, length) : values;
  }

  /** Formats a corrected row, tied to the row that was rejected first. */
  formatLine(entry: RejectedEntry, values: readonly string[]): string {
    const { line, field: column, code, message, text, firstFile, firstLine } = entry;
    const corrects = { file: firstFile, line: firstLine };
    return this.#csv.formatCorrection({ line, column, code, message, text, corrects }, this.trim(values));
  }
}
