import { UPLOAD_COLUMNS } from '../../lambdas/core/columns.ts';

/** Content of a generated file. */
export interface SampleOptions {
  readonly rows: number;
  /** The same options with the same seed give the same file. */
  readonly seed: number;
  /** Day of the transactions, or the last of `days` days, `YYYY-MM-DD`. */
  readonly date: string;
  /** Number of days. With more than one, the rows are spread over them and have a date column. */
  readonly days: number;
  /** Number of rows that break a rule of the data contract. */
  readonly broken: number;
}

/**
 * Products with their prices in cents, without tax, for a piece or for a kilogram. Some names need quotes or are not ASCII.
 */
const PRODUCTS: readonly (readonly [name: string, cents: number, unit?: 'kg'])[] = [
  ['Oat Drink 1 l', 189],
  ['Sourdough Loaf', 345],
  ['Jasmine Rice 5 kg', 1_290],
  ['Olive Oil, cold pressed', 999],
  ['Espresso Beans 1 kg', 1_675],
  ['Crème fraîche', 129],
  ['Dishwasher Tablets "All in 1"', 749],
  ['Bamboo Toothbrush', 295],
  ['Trail Mix', 415],
  ['Sparkling Water 6 x 1.5 l', 379],
  ['Plums, loose', 459, 'kg'],
  ['Kitchen Scale', 2_499],
];
/** A JSON number; an id of digits is too long to be one. */
const NUMBER = /^-?(0|[1-9]\d{0,6})(\.\d+)?$/;
const TAX_PERCENT = 20;
const MAX_QUANTITY = 9;
const MIN_GRAMS = 150;
const MAX_GRAMS = 2_500;
/** One of so many rows is a return. */
const ROWS_PER_RETURN = 40;
/** Number of rows in one piece of text. Large files are written in pieces. */
const ROWS_PER_PIECE = 1_000;

/** Ways to break a row, used in turn. */
const BREAKAGES: readonly ((fields: readonly string[]) => readonly string[])[] = [
  (fields) => fields.with(3, '0'),
  (fields) => fields.with(1, 'RETURN'),
  (fields) => fields.with(5, `${Number.parseInt(fields[5]!, 10) + 1}.00`),
  (fields) => fields.with(0, fields[0]!.slice(0, 8)),
  (fields) => fields.with(2, ''),
];

/** Generates a CSV file as shops export it, in pieces of text. */
export function generateCsv(options: SampleOptions): Generator<string> {
  const hasDays = options.days > 1;
  const columns = hasDays ? ['transaction_date', ...UPLOAD_COLUMNS] : UPLOAD_COLUMNS;
  const formatRow = (day: string, fields: readonly string[]) =>
    (hasDays ? [day, ...fields] : fields).map((field) => quoteField(field, ',')).join(',');
  return generateLines(options, `${columns.join(',')}\n`, formatRow);
}

/** Generates the same transactions as tills send them, one JSON object a line, in pieces of text. */
export function generateNdjson(options: SampleOptions): Generator<string> {
  const formatMember = (field: string, index: number) =>
    `${JSON.stringify(UPLOAD_COLUMNS[index])}:${NUMBER.test(field) ? field : JSON.stringify(field)}`;
  const formatItem = (day: string, fields: readonly string[]) =>
    `{"transaction_date":"${day}",${fields.map(formatMember).join(',')}}`;
  return generateLines(options, '', formatItem);
}

/** @param formatRow writes a line from a day and the values of `UPLOAD_COLUMNS` */
function* generateLines(
  { rows, seed, date, days, broken }: SampleOptions,
  header: string,
  formatRow: (day: string, fields: readonly string[]) => string,
): Generator<string> {
  const random = randomNumbers(seed);
  let piece = header;
  for (let index = 0; index < rows; index++) {
    const row = makeRow(random);
    // Broken rows are spread evenly among the others. The first row is valid.
    const breakage = Math.floor(((index + 1) * broken) / rows);
    const isBroken = breakage > Math.floor((index * broken) / rows);
    const fields = isBroken ? BREAKAGES[(breakage - 1) % BREAKAGES.length]!(row) : row;
    const day = days > 1 ? addDays(date, Math.floor((index * days) / rows) - days + 1) : date;
    piece += `${formatRow(day, fields)}\n`;
    if (index % ROWS_PER_PIECE === ROWS_PER_PIECE - 1) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

function makeRow(random: () => number): string[] {
  const [name, unitCents, unit] = PRODUCTS[random() % PRODUCTS.length]!;
  const count = random();
  const quantity =
    unit === 'kg' ? (MIN_GRAMS + (count % (MAX_GRAMS - MIN_GRAMS))) / 1_000 : 1 + (count % MAX_QUANTITY);
  const cents = Math.round(unitCents * quantity);
  // A shop sells more than it buys.
  const kind = random();
  const category = kind % 3 === 0 ? 'BUY' : 'SELL';
  const sign = kind % ROWS_PER_RETURN === 1 ? '-' : '';
  const values = [String(quantity), formatCents(cents), formatCents(addTax(cents))];
  return [makeUuid(random), category, name, ...values.map((value) => sign + value)];
}

/** Makes a UUID of version 4 (RFC 9562) from the seeded numbers. */
function makeUuid(random: () => number): string {
  const hex = Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex[16]!, 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Adds the tax, rounded half up. */
export function addTax(cents: number): number {
  return cents + Math.floor((cents * TAX_PERCENT + 50) / 100);
}

export function formatCents(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

export function quoteField(field: string, delimiter: string): string {
  return /["\n]/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field;
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Generates whole numbers from 0 to 2^32 - 1: a counter, hashed twice with the finalizer of MurmurHash3. */
export function randomNumbers(seed: number): () => number {
  let counter = Math.imul(seed, 0x9e3779b1);
  const mix = (value: number) => {
    let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  return () => {
    counter = (counter + 0x6d2b79f5) | 0;
    return mix(mix(counter) + seed);
  };
}
