import Papa from 'papaparse';
import { REJECT_COLUMNS } from './columns.ts';
import { hasNeutralizedValues, neutralizeFormula, restoreFormula } from './formulas.ts';
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
 * CSV of rejected rows, which a person can correct in a spreadsheet and upload again. The reason is in columns in front
 * of the original row, which are ignored then. Values that a spreadsheet may run as formulas are neutralized.
 */
export class RejectedCsv {
  #header: string;
  #isNeutralized: boolean;
  #config: { delimiter: string; quoteChar: string; newline: '\r' | '\n' };

  /** @param header original text of the header */
  constructor(header: string, { delimiter = ',', quote = '"', lineTerminator }: RejectedFormat) {
    this.#header = header;
    this.#config = { delimiter, quoteChar: quote, newline: lineTerminator === 'CR' ? '\r' : '\n' };
    this.#isNeutralized = hasNeutralizedValues(this.#split(header) ?? []);
  }

  /** Formats the first line. */
  formatHeader(): string {
    return `${[...REJECT_COLUMNS, this.#neutralize(this.#header)].join(this.#config.delimiter)}\n`;
  }

  formatRow({ line, column, code, message, text }: RejectedRow): string {
    const reason: unknown[] = [line, column, code, message].map((value) => neutralizeFormula(String(value)));
    // An unclosed quote in the original text would include the rows below: such a text is one quoted value.
    if (WHOLE_LINES.has(code)) {
      return `${this.#join([...reason, neutralizeFormula(text)])}\n`;
    }
    return `${this.#join(reason)}${this.#config.delimiter}${this.#neutralize(text)}\n`;
  }

  /** Neutralizes the values of a line. A line without formulas stays as it is. */
  #neutralize(text: string): string {
    const values = this.#split(text);
    if (values === undefined) return this.#join([neutralizeFormula(text)]);
    const neutralized = values.map((value) =>
      neutralizeFormula(this.#isNeutralized ? restoreFormula(value) : value),
    );
    const isSame = neutralized.every((value, index) => value === values[index]);
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
