import { COLUMNS } from '../columns.ts';
import type { ValueFormat } from '../detect/detect-format.ts';
import { type Header, readField } from '../detect/header.ts';
import { excerptText } from '../excerpt-text.ts';
import type { FormatSummary } from '../row-batch.ts';
import { parseDecimal, readCurrency, toPlainNumber } from './numbers.ts';

/** Decimals of a sum, as many as a quantity has. */
const DECIMALS = 3;
/** Decimals of an amount. */
const AMOUNT_DECIMALS = 2;
/** Maximum length of the number that the summary quotes. */
const MAX_QUOTED_CHARACTERS = 30;
/** A number with a sign before or after it, or in parentheses. */
const NEGATIVE = /^(?:[-−](.*)|(.*)[-−]|\((.*)\))$/;
const SUMMED = COLUMNS.flatMap(({ field, reader, titles }, index) =>
  reader === 'quantity' || reader === 'amount'
    ? [{ field, index, name: titles[0], reader, thousandths: reader === 'amount' ? 10 : 1 }]
    : [],
);

/** Sums up to some line, as JSON. Each list has a number for each summed column, in thousandths. */
export interface SumState {
  readonly sums: readonly number[];
  /** The sums at the last total line. */
  readonly before: readonly number[];
  /** True if a row of which a number is unknown belongs to the sums, or to the rows since the last total line. */
  readonly isUnknown: boolean;
  readonly isUnknownSince: boolean;
  /** Result of the total lines so far. */
  readonly result?: FormatSummary['totals'];
}

/**
 * Sums the rows of a file, also the rejected ones, and compares its total lines with them. A total is right if it is the
 * sum of all rows above it, or of those since the total line before it.
 */
export class Totals {
  #header: Header;
  #format: ValueFormat;
  #sums: number[];
  #before: readonly number[];
  #isUnknown: boolean;
  #isUnknownSince: boolean;
  #result: FormatSummary['totals'];

  constructor(header: Header, format: ValueFormat, state?: SumState) {
    const zeros = SUMMED.map(() => 0);
    this.#header = header;
    this.#format = format;
    this.#sums = [...(state?.sums ?? zeros)];
    this.#before = state?.before ?? zeros;
    this.#isUnknown = state?.isUnknown ?? false;
    this.#isUnknownSince = state?.isUnknownSince ?? false;
    this.#result = state?.result;
  }

  /** Undefined if no number of a total line could be compared. */
  get result(): FormatSummary['totals'] {
    return this.#result;
  }

  get state(): SumState {
    return {
      sums: [...this.#sums],
      before: this.#before,
      isUnknown: this.#isUnknown,
      isUnknownSince: this.#isUnknownSince,
      ...(this.#result && { result: this.#result }),
    };
  }

  /** @param numbers of an accepted row, as its check gives them */
  addRow(numbers: readonly number[]): void {
    for (let column = 0; column < SUMMED.length; column++) {
      const { index, thousandths } = SUMMED[column]!;
      this.#sums[column]! += numbers[index]! * thousandths;
    }
  }

  /** @param fields of a rejected row; undefined if its numbers cannot be read */
  addReject(fields: readonly string[] | undefined): void {
    const numbers = SUMMED.map(({ field }) => {
      const [only, other] = this.#readNumbers(readField(fields ?? [], this.#header, field));
      return only === undefined || other !== undefined ? Number.NaN : only;
    });
    if (numbers.some(Number.isNaN)) {
      this.#isUnknown = true;
      this.#isUnknownSince = true;
    } else {
      numbers.forEach((number, column) => {
        this.#sums[column]! += number;
      });
    }
  }

  /** Compares a total line with the rows above it. Only the first difference of a file is kept. */
  compare(line: number, fields: readonly string[]): void {
    SUMMED.forEach(({ field, name, reader }, column) => {
      const written = readField(fields, this.#header, field);
      const numbers = this.#readNumbers(written);
      const all = this.#sums[column]!;
      const since = all - this.#before[column]!;
      if (numbers.length === 0 || !Number.isSafeInteger(all)) return;
      if ((!this.#isUnknown && numbers.includes(all)) || (!this.#isUnknownSince && numbers.includes(since))) {
        this.#result ??= 'agree';
        return;
      }
      // The rows with an unknown number may make up the difference.
      if (this.#isUnknown || typeof this.#result === 'object') return;
      const rows = format(since === 0 ? all : since, reader === 'amount' ? AMOUNT_DECIMALS : 0);
      this.#result = { line, column: name, written: excerptText(written, MAX_QUOTED_CHARACTERS), rows };
    });
    this.#before = [...this.#sums];
    this.#isUnknownSince = false;
  }

  /** Reads a number as a file writes it, in thousandths. @returns both readings of an ambiguous one, none of a text */
  #readNumbers(text: string): number[] {
    const negative = NEGATIVE.exec(text)
      ?.slice(1)
      .find((number) => number !== undefined);
    const sign = negative === undefined ? 1 : -1;
    const read = readCurrency(negative?.trim() ?? text);
    const plain = read && toPlainNumber(read.amount, this.#format.decimalSeparator);
    const readings = typeof plain === 'object' ? [plain.withThousands, plain.withDecimals] : [plain ?? ''];
    const numbers = readings.map((reading) => parseDecimal(reading, DECIMALS));
    return numbers.filter((number) => number >= 0).map((number) => sign * number);
  }
}

/** Writes thousandths with at least so many decimals. */
function format(thousandths: number, decimals: number): string {
  const digits = String(Math.abs(thousandths)).padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  const rest = digits.slice(-DECIMALS).replace(/0+$/, '').padEnd(decimals, '0');
  return `${thousandths < 0 ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
}
