import { isCurrency } from './currencies.ts';

/** What stands before the decimals. */
export type DecimalSign = '.' | ',';

/** A number as it may be written, with or without groups of three digits. */
export interface WrittenNumber {
  /** Digits, and decimals behind a point. */
  readonly plain: string;
  /** The decimal sign that the text shows beyond doubt, with decimals or by the groups that it has. */
  readonly shows?: DecimalSign | undefined;
}

/** One sign with three digits behind it, such as `1,234`: one number with a group, another with decimals. */
export interface TwoReadings {
  readonly sign: DecimalSign;
  readonly grouped: string;
  readonly decimal: string;
}

const ONE_SIGN = /^(\d+)([.,])(\d+)$/;
const MAY_BE_GROUP = /^[1-9]\d{0,2}[.,]\d{3}$/;
/** Blanks of four kinds, two apostrophes, or one of the decimal signs. */
const GROUPED = /^([1-9]\d{0,2})([.,'’ \u00a0\u2009\u202f])(\d{3}(?:\2\d{3})*)(?:([.,])(\d+))?$/;

/** @returns undefined where the text is no number without a minus sign */
export function readNumber(text: string): WrittenNumber | TwoReadings | undefined {
  if (/^\d+$/.test(text)) return { plain: text };
  const simple = ONE_SIGN.exec(text);
  if (simple !== null) {
    const [, whole = '', sign, decimals = ''] = simple;
    const decimal = `${whole}.${decimals}`;
    if (!MAY_BE_GROUP.test(text)) return { plain: decimal, shows: sign as DecimalSign };
    return { sign: sign as DecimalSign, grouped: whole + decimals, decimal };
  }
  const groups = GROUPED.exec(text);
  if (groups === null) return undefined;
  const [, first = '', separator = '', others = '', sign, decimals] = groups;
  if (sign === separator) return undefined;
  const whole = first + others.replaceAll(separator, '');
  if (sign !== undefined) return { plain: `${whole}.${decimals}`, shows: sign as DecimalSign };
  const shows = separator === '.' ? ',' : separator === ',' ? '.' : undefined;
  return { plain: whole, shows };
}

/**
 * The number as digits with a point before its decimals.
 * @param decimal the sign that the file's other numbers show
 * @returns both readings where nothing says which is meant, undefined where the text is no number
 */
export function plainNumber(
  text: string,
  decimal: DecimalSign | undefined,
): string | TwoReadings | undefined {
  const number = readNumber(text);
  if (number === undefined) return undefined;
  if ('plain' in number) return number.plain;
  if (decimal === undefined) return number;
  return number.sign === decimal ? number.decimal : number.grouped;
}

const WITH_CURRENCY = /^([^\d\s]*)\s*(\d.*?\d|\d)\s*([^\d\s]*)$/u;

/**
 * Takes the currency from an amount.
 * @returns undefined where something stands beside the number that is no currency, or two of them do
 */
export function readCurrency(
  text: string,
): { readonly amount: string; readonly currency: string } | undefined {
  const [, before = '', amount = '', after = ''] = WITH_CURRENCY.exec(text) ?? [];
  // An abbreviation may end with a point.
  const currency = (before || after).replace(/(?<=.)\.$/, '');
  if (amount === '' || (before !== '' && after !== '')) return undefined;
  return currency === '' || isCurrency(currency) ? { amount, currency } : undefined;
}
