export type DecimalSeparator = '.' | ',';

/** A number as a file writes it, with or without thousands separators. */
export interface WrittenNumber {
  /** Digits, with a point before the decimals. */
  readonly plain: string;
  /** The decimal separator, if the decimals or the thousands separators of the number show it. */
  readonly shows?: DecimalSeparator | undefined;
}

/** A number such as `1,234`, whose separator may mark thousands or decimals. */
export interface AmbiguousNumber {
  /** The number itself does not show which. */
  readonly shows?: undefined;
  readonly separator: DecimalSeparator;
  readonly withThousands: string;
  readonly withDecimals: string;
}

const ZERO = 0x30;
const POINT = 0x2e;
const SCALES = [1, 10, 100, 1_000];
const ONE_SEPARATOR = /^(\d+)([.,])(\d+)$/;
const AMBIGUOUS = /^[1-9]\d{0,2}[.,]\d{3}$/;
/** Thousands separators: point, comma, two apostrophes and four kinds of blanks. */
const WITH_THOUSANDS = /^([1-9]\d{0,2})([.,'’ \u00a0\u2009\u202f])(\d{3}(?:\2\d{3})*)(?:([.,])(\d+))?$/;

/**
 * Reads digits, with or without decimals after a point, into a whole number of the last possible decimal.
 * @param decimals maximum number of decimals, at most 3
 * @returns -1 if the text is not such a number, or has more digits before the point than allowed
 */
export function parseDecimal(
  text: string,
  decimals: number,
  maxWholeDigits = Number.POSITIVE_INFINITY,
): number {
  // A loop, because it runs three times for every row and a regular expression takes longer.
  let point = text.length;
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code >= ZERO && code < ZERO + 10) {
      digits = digits * 10 + (code - ZERO);
    } else if (code === POINT && point === text.length) {
      point = index;
    } else {
      return -1;
    }
  }
  const missing = decimals - Math.max(0, text.length - point - 1);
  if (point === 0 || point > maxWholeDigits || missing < 0 || point === text.length - 1) return -1;
  return digits * SCALES[missing]!;
}

/** @returns undefined if the text is not a number, or a negative one */
export function readNumber(text: string): WrittenNumber | AmbiguousNumber | undefined {
  if (/^\d+$/.test(text)) return { plain: text };
  const simple = ONE_SEPARATOR.exec(text);
  if (simple !== null) {
    const [whole, separator, decimals] = [simple[1]!, simple[2] as DecimalSeparator, simple[3]!];
    const withDecimals = `${whole}.${decimals}`;
    if (!AMBIGUOUS.test(text)) return { plain: withDecimals, shows: separator };
    return { separator, withThousands: whole + decimals, withDecimals };
  }
  const groups = WITH_THOUSANDS.exec(text);
  if (groups === null) return undefined;
  const [first, thousands, others] = [groups[1]!, groups[2]!, groups[3]!];
  const [decimalSeparator, decimals] = groups.slice(4);
  if (decimalSeparator === thousands) return undefined;
  const whole = first + others.replaceAll(thousands, '');
  if (decimalSeparator !== undefined) {
    return { plain: `${whole}.${decimals}`, shows: decimalSeparator as DecimalSeparator };
  }
  return { plain: whole, shows: thousands === '.' ? ',' : thousands === ',' ? '.' : undefined };
}

/**
 * Writes a number as digits with a point before its decimals.
 * @param decimalSeparator of the other numbers of the file
 * @returns both readings of an ambiguous number if the separator is unknown, undefined if the text is not a number
 */
export function toPlainNumber(
  text: string,
  decimalSeparator: DecimalSeparator | undefined,
): string | AmbiguousNumber | undefined {
  const number = readNumber(text);
  if (number === undefined) return undefined;
  if ('plain' in number) return number.plain;
  if (decimalSeparator === undefined) return number;
  return number.separator === decimalSeparator ? number.withDecimals : number.withThousands;
}

/** Signs before the first digit, a mark for the digits, and signs after the last one. */
const NEGATIVE: ReadonlySet<string> = new Set(['-#', '#-', '\u2212#', '#\u2212', '(#)']);
const SIGNS = /[-\u2212()]/g;

/** A number with or without a currency, and its sign. */
export interface SignedText {
  readonly isNegative: boolean;
  /** The text without the sign. Other signs are left in it. */
  readonly text: string;
}

/** Splits off the sign of a number: a minus before or after it, or parentheses around it; a currency may be between. */
export function splitSign(text: string): SignedText {
  const start = text.search(/\d/);
  const end = text.search(/\d\D*$/) + 1;
  const [before, after] = [text.slice(0, Math.max(0, start)), text.slice(end)];
  const [signsBefore, signsAfter] = [before, after].map((part) => part.match(SIGNS)?.join('') ?? '');
  if (start < 0 || !NEGATIVE.has(`${signsBefore}#${signsAfter}`)) return { isNegative: false, text };
  const digits = text.slice(start, end);
  return {
    isNegative: true,
    text: `${before.replace(SIGNS, '')}${digits}${after.replace(SIGNS, '')}`.trim(),
  };
}

/** ISO 4217. A list of our own, since the result must not depend on the list of the runtime. */
const CURRENCY_CODES = `
  AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
  CAD CDF CHF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
  GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
  KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO
  NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL
  SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST
  XAF XCD XCG XDR XOF XPF XSU YER ZAR ZMW ZWG ZWL
`;
const CURRENCY_ABBREVIATIONS = ['kr', 'zł', 'kč', 'ft', 'fr', 'lei'];
const CURRENCIES = new Set([...CURRENCY_CODES.trim().split(/\s+/), ...CURRENCY_ABBREVIATIONS]);
const WITH_CURRENCY = /^([^\d\s]*)\s*(\d.*?\d|\d)\s*([^\d\s]*)$/u;

/**
 * Splits an amount into its number and its currency.
 * @returns undefined if the text next to the number is not a currency, or if text both precedes and follows it
 */
export function readCurrency(
  text: string,
): { readonly amount: string; readonly currency: string } | undefined {
  const match = WITH_CURRENCY.exec(text);
  if (match === null) return undefined;
  const [before, amount, after] = [match[1]!, match[2]!, match[3]!];
  // An abbreviation may end with a point.
  const currency = (before || after).replace(/(?<=.)\.$/, '');
  if (before !== '' && after !== '') return undefined;
  return currency === '' || isCurrency(currency) ? { amount, currency } : undefined;
}

/** Codes of the signs and abbreviations that only one currency has. */
const CODES: Readonly<Record<string, string>> = { '€': 'EUR', zł: 'PLN', kč: 'CZK', ft: 'HUF' };

export function isSameCurrency(one: string, other: string | undefined): boolean {
  if (one === other) return true;
  const codeOf = (text: string) => CODES[text.toLowerCase()] ?? text.toUpperCase();
  return other !== undefined && codeOf(one) === codeOf(other);
}

/** Tells whether the text is a currency sign of Unicode, a code or an abbreviation. */
function isCurrency(text: string): boolean {
  return /^\p{Sc}$/u.test(text) || CURRENCIES.has(text) || CURRENCIES.has(text.toLowerCase());
}
