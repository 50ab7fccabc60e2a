import Papa from 'papaparse';
import { REJECT_COLUMNS } from './columns.ts';
import { isAddedColumn, neutralizeFormula, restoreFormula } from './formulas.ts';
import type { RejectCode } from './reject-codes.ts';
import type { FormatSummary, RejectedRow } from './row-batch.ts';

export type RejectedFormat = Pick<FormatSummary, 'delimiter' | 'quote' | 'lineTerminator'>;

/** Codes of lines that are not a row of the header's columns. Their text is one quoted value. */
const WHOLE_LINES: ReadonlySet<RejectCode> = new Set([
  'quotes-malformed',
  'row-too-long',
  'json-malformed',
  'json-not-object',
  'json-member-duplicated',
]);

/**
 * CSV of rejected rows, which a person can correct in a spreadsheet and upload again. Columns in front of the original row
 * have the rejected row's file and line, by which the correction is tied to it, and the reason. A row that is rejected
 * again is still tied to the first one. Values that a spreadsheet may run as formulas are neutralized.
 */
export class RejectedCsv {
  #header: string;
  #fileId: string;
  /** For each column of a file that has corrections: whether it was put in front of the row then. */
  #isReason: readonly boolean[];
  #config: { delimiter: string; quoteChar: string; newline: '\r' | '\n' };

  /**
   * @param header original text of the header
   * @param fileId of the object version
   */
  constructor(
    header: string,
    fileId: string,
    { delimiter = ',', quote = '"', lineTerminator }: RejectedFormat,
  ) {
    this.#header = header;
    this.#fileId = fileId;
    this.#config = { delimiter, quoteChar: quote, newline: lineTerminator === 'CR' ? '\r' : '\n' };
    this.#isReason = (this.#split(header) ?? []).map(isAddedColumn);
  }

  /** Formats the first line. */
  formatHeader(): string {
    return `${[...REJECT_COLUMNS, this.#neutralize(this.#header)].join(this.#config.delimiter)}\n`;
  }

  /** Titles of the file, without columns of an earlier reason. */
  get titles(): readonly string[] {
    const titles = this.#split(this.#header) ?? [this.#header];
    return titles.filter((_, index) => this.#isReason[index] !== true).map((title) => title.trim());
  }

  /**
   * Returns the values of a rejected row, in the order of the titles.
   * @returns undefined if its text is not one record
   */
  readRow({ code, text }: Pick<RejectedRow, 'code' | 'text'>): string[] | undefined {
    const values = WHOLE_LINES.has(code) ? undefined : this.#split(text);
    const isCorrection = this.#isReason.includes(true);
    return values
      ?.filter((_, index) => this.#isReason[index] !== true)
      .map((value) => (isCorrection ? restoreFormula(value) : value));
  }

  /** Formats a corrected row. @param values in the order of the titles */
  formatCorrection(row: RejectedRow, values: readonly string[]): string {
    return `${this.#join([...this.#listReason(row), ...values.map(neutralizeFormula)])}\n`;
  }

  /** Formats a rejected row as it is. */
  formatRow(row: RejectedRow): string {
    const { code, text } = row;
    const reason = this.#listReason(row);
    // An unclosed quote in the original text would include the rows below: such a text is one quoted value.
    if (WHOLE_LINES.has(code)) {
      return `${this.#join([...reason, neutralizeFormula(text)])}\n`;
    }
    return `${this.#join(reason)}${this.#config.delimiter}${this.#neutralize(text)}\n`;
  }

  #listReason({ line, column, code, message, corrects }: RejectedRow): string[] {
    const { file, line: firstLine } = corrects ?? { file: this.#fileId, line };
    return [file, String(firstLine), column, code, message].map(neutralizeFormula);
  }

  /** Neutralizes the values of a line, without an earlier reason. A line without formulas stays as it is. */
  #neutralize(text: string): string {
    const values = this.#split(text);
    if (values === undefined) return this.#join([neutralizeFormula(text)]);
    const isCorrection = this.#isReason.includes(true);
    const neutralized = values
      .filter((_, index) => this.#isReason[index] !== true)
      .map((value) => neutralizeFormula(isCorrection ? restoreFormula(value) : value));
    const isSame = !isCorrection && neutralized.every((value, index) => value === values[index]);
    return isSame ? text : this.#join(neutralized);
  }

  /** @returns undefined if the text is not one record */
  #split(text: string): string[] | undefined {
    const { data, errors } = new Papa.Parser(this.#config).parse(text, 0, false) as Papa.ParseResult<
      string[]
    >;
    return data.length === 1 && errors.length === 0 ? data[0] : undefined;
  }

  #join(values: readonly unknown[]): string {
    return Papa.unparse([values as unknown[]], this.#config);
  }
}
