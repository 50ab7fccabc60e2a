import type { RejectCode } from '../reject-codes.ts';
import type { Rules, TaxRate } from '../rules.ts';
import { addTax, formatCents, parseBasisPoints, removeTax } from './money.ts';

/** Maximum number of rates that a message names. Every rejected row is stored with its message. */
const MAX_NAMED_RATES = 5;
/** Maximum number of dates whose rates are kept. */
const MAX_DATES = 1_000;
/** A rate in a file: at most two decimals after either separator, and more zeros. */
const WRITTEN_RATE = /^0*(\d{1,3})(?:[.,](\d{1,2})0*)?\s*%?$/;

/** Values of a row that decide its tax. An empty text is unknown: it excludes no rate. */
export interface TaxedRow {
  /** `YYYY-MM-DD` */
  readonly date: string;
  readonly category: string;
  readonly name: string;
  /** The row's own value of the column `tax_rate`. */
  readonly rate: string;
}

/** The reason for which the amounts of a row are wrong. */
export interface TaxFault {
  readonly code: Extract<RejectCode, 'tax-mismatch' | 'tax-rate-unknown'>;
  readonly message: string;
}

interface Rate {
  readonly tax: TaxRate;
  readonly basisPoints: number;
  /** Entries with the same text are one tax, which has changed. */
  readonly identity: string;
  /** Texts between the stars of each pattern, in lower case. */
  readonly patterns: readonly (readonly string[])[] | undefined;
}

/** The taxes of a store, which check the amounts of its rows. */
export class TaxTable {
  #rates: readonly Rate[];
  #tolerance: number;
  #isDated: boolean;
  #ratesByDate = new Map<string, readonly Rate[]>();

  constructor({ taxes, taxToleranceCents }: Pick<Rules, 'taxes' | 'taxToleranceCents'>) {
    this.#rates = taxes.map((tax) => ({
      tax,
      basisPoints: parseBasisPoints(tax.percent),
      identity: JSON.stringify([tax.name, tax.products, tax.categories]),
      patterns: tax.products?.map((pattern) => pattern.toLowerCase().split('*')),
    }));
    this.#tolerance = taxToleranceCents;
    this.#isDated = taxes.some(({ from, until }) => from !== undefined || until !== undefined);
  }

  /**
   * Compares the amounts of a row, in cents and of one sign, with the taxes on it: one of them must fit.
   * @returns undefined if they are right
   */
  findFault(row: TaxedRow, excluding: number, including: number): TaxFault | undefined {
    const rates = this.#listRates(row.date);
    if (row.rate !== '') {
      const rate = findWritten(row, rates);
      if ('code' in rate) return rate;
      return this.#fits(rate, excluding, including)
        ? undefined
        : this.#describeMismatch([rate], excluding, including);
    }
    let hasRate = false;
    for (const rate of rates) {
      if (!isOn(rate, row)) continue;
      if (this.#fits(rate, excluding, including)) return undefined;
      hasRate = true;
    }
    if (hasRate)
      return this.#describeMismatch(
        rates.filter((rate) => isOn(rate, row)),
        excluding,
        including,
      );
    return describeNoTax(row);
  }

  /**
   * Computes the amount without tax of a row, in cents and of either sign: by its own rate, or by the only one on it.
   * @returns a fault if there is no rate, or several
   */
  deriveNet(row: TaxedRow, including: number): number | TaxFault {
    const rates = this.#listRates(row.date);
    const written = row.rate === '' ? undefined : findWritten(row, rates);
    if (written !== undefined && 'code' in written) return written;
    const possible = written === undefined ? rates.filter((rate) => isOn(rate, row)) : [written];
    const [first] = possible;
    if (first === undefined) return describeNoTax(row);
    if (possible.some(({ basisPoints }) => basisPoints !== first.basisPoints)) {
      const message =
        `The amount excluding tax has several values: ${nameRates(possible, ({ tax }) => formatRate(tax))} apply. ` +
        'Add a column tax_rate.';
      return { code: 'tax-rate-unknown', message };
    }
    const net = removeTax(Math.abs(including), first.basisPoints);
    return including < 0 ? -net : net;
  }

  #fits({ basisPoints }: Rate, excluding: number, including: number): boolean {
    const difference = withTax(excluding, basisPoints) - including;
    return difference === 0 || Math.abs(difference) <= this.#tolerance;
  }

  #describeMismatch(rates: readonly Rate[], excluding: number, including: number): TaxFault {
    const sums = nameRates(rates, ({ tax, basisPoints }) => {
      return `plus ${formatRate(tax)} is ${formatCents(withTax(excluding, basisPoints))}`;
    });
    const tolerance =
      this.#tolerance === 0 ? '' : ` A difference of ${formatCents(this.#tolerance)} is allowed.`;
    const message =
      `The amount including tax is ${formatCents(including)}, but ${formatCents(excluding)} ${sums}.${tolerance} ` +
      'Correct one of them.';
    return { code: 'tax-mismatch', message };
  }

  /** Lists the rates of a date. A later entry of the same tax replaces the earlier ones. */
  #listRates(date: string): readonly Rate[] {
    if (!this.#isDated || date === '') return this.#rates;
    const known = this.#ratesByDate.get(date);
    if (known !== undefined) return known;
    const valid = this.#rates.filter(({ tax: { from = '', until = date } }) => from <= date && date <= until);
    const latest = valid.filter(
      ({ identity, tax: { from = '' } }) =>
        !valid.some((other) => other.identity === identity && (other.tax.from ?? '') > from),
    );
    if (this.#ratesByDate.size === MAX_DATES) this.#ratesByDate.clear();
    this.#ratesByDate.set(date, latest);
    return latest;
  }
}

/** Finds the rate that a row has itself, which must be one of its date. */
function findWritten({ date, rate: written }: TaxedRow, rates: readonly Rate[]): Rate | TaxFault {
  const basisPoints = readRate(written);
  const same = rates.find((rate) => rate.basisPoints === basisPoints);
  if (same !== undefined) return same;
  const others = nameRates(rates, ({ tax }) => formatRate(tax)) || 'none';
  const message =
    `The tax rate is not one of the setting retail:taxes${date && ` on ${date}`}: ${others}. ` +
    'Correct it, or add it to the setting.';
  return { code: 'tax-rate-unknown', message };
}

function describeNoTax({ date }: TaxedRow): TaxFault {
  const message =
    `No tax of the setting retail:taxes applies to this product${date && ` on ${date}`}. ` +
    'Add the tax to the setting, or correct the row.';
  return { code: 'tax-rate-unknown', message };
}

/** Reads a rate such as `5,5 %` into hundredths of a percent. */
function readRate(text: string): number | undefined {
  const [, whole, decimals = ''] = WRITTEN_RATE.exec(text) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(decimals.padEnd(2, '0'));
}

function isOn({ tax: { categories }, patterns }: Rate, { category, name }: TaxedRow): boolean {
  if (categories !== undefined && category !== '' && !categories.some((known) => known === category))
    return false;
  if (patterns === undefined || name === '') return true;
  const text = name.toLowerCase();
  return patterns.some((parts) => matchesPattern(text, parts));
}

/** Matches a name with the texts between the stars of a pattern, in linear time. */
function matchesPattern(name: string, parts: readonly string[]): boolean {
  const [first, ...others] = parts as readonly [string, ...string[]];
  const last = others.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let end = first.length;
  for (const part of others) {
    const at = name.indexOf(part, end);
    if (at < 0) return false;
    end = at + part.length;
  }
  return name.length - last.length >= end && name.endsWith(last);
}

/** Adds a tax to an amount, which may be negative. */
function withTax(cents: number, basisPoints: number): number {
  return cents < 0 ? -addTax(-cents, basisPoints) : addTax(cents, basisPoints);
}

function nameRates(rates: readonly Rate[], describe: (rate: Rate) => string): string {
  const named = rates.slice(0, MAX_NAMED_RATES).map(describe);
  const others = rates.length - named.length;
  return [...named, ...(others > 0 ? [`${others} more`] : [])].join(', ');
}

function formatRate({ name, percent }: TaxRate): string {
  return `${percent} % (${name})`;
}
