import { gzipSync } from 'node:zlib';
import { UPLOAD_COLUMNS } from '../../lambdas/core/columns.ts';
import type { FailureCode, RejectCode } from '../../lambdas/core/reject-codes.ts';
import { addTax, formatCents, quoteField } from '../generator/generator.ts';
import type { Choices } from './choices.ts';

/** A row as the table must have it. */
export interface ExpectedRow {
  readonly id: string;
  readonly category: string;
  readonly name: string;
  readonly quantity: number;
  readonly amountExclTax: string;
  readonly amountIncTax: string;
}

/** A file with the expected result of each line. */
export interface MadeUpFile {
  readonly name: string;
  readonly content: Buffer;
  /** Date of every row, from the file's name. */
  readonly date: string;
  /** Rows to load, by line number. */
  readonly rows: ReadonlyMap<number, ExpectedRow>;
  readonly rejects: ReadonlyMap<number, RejectCode>;
  readonly failure?: FailureCode;
}

/** A way to write a file. It changes nothing about the results of its rows. */
export interface FileStyle {
  readonly delimiter: string;
  readonly decimalSeparator: string;
  readonly extension: string;
  encode(text: string): Buffer;
}

export const PLAIN: FileStyle = {
  delimiter: ',',
  decimalSeparator: '.',
  extension: '.csv',
  encode: (text) => Buffer.from(text),
};
export const GZIPPED: FileStyle = { ...PLAIN, extension: '.csv.gz', encode: (text) => gzipSync(text) };
const SEMICOLONS: FileStyle = { ...PLAIN, delimiter: ';', decimalSeparator: ',' };
const UTF16_TABS: FileStyle = {
  ...PLAIN,
  delimiter: '\t',
  encode: (text) => Buffer.from(`\ufeff${text}`, 'utf16le'),
};
const STYLES = [PLAIN, PLAIN, SEMICOLONS, UTF16_TABS, GZIPPED];

const NAMES = [
  'Soap',
  'Crème fraîche',
  'Tee 🍵',
  'NULL',
  '"12" Pizza"',
  'Salt, fine',
  'two\nlines',
  "O'Neil\\",
];
const UNREADABLE: readonly (readonly [FailureCode, string, string])[] = [
  ['file-empty', 'retail_01_02_2024.csv', ''],
  ['column-missing', 'retail_01_02_2024.csv', 'id,category\n1,2\n'],
  ['not-csv', 'retail_01_02_2024.csv', 'GIF8\0\0\n'],
  ['archive-damaged', 'retail_01_02_2024.zip', 'PK\u0003\u0004\0\0\n'],
  ['date-unknown', 'sales.csv', `${UPLOAD_COLUMNS.join(',')}\n`],
];

type Breakage = readonly [RejectCode, (fields: string[]) => string[]];
const BREAKAGES: readonly Breakage[] = [
  ['quantity-invalid', (fields) => fields.with(3, '0')],
  ['category-unknown', (fields) => fields.with(1, 'RETURN')],
  ['tax-mismatch', (fields) => fields.with(5, '0.01')],
  ['id-not-uuid', (fields) => fields.with(0, 'x')],
  ['name-missing', (fields) => fields.with(2, ' ')],
  ['too-few-columns', (fields) => fields.slice(0, 4)],
  ['row-too-long', (fields) => fields.with(2, 'x'.repeat(66_000))],
];
const UNCLOSED_QUOTE: Breakage = ['quotes-malformed', ([first, ...others]) => [`"${first}`, ...others]];

/**
 * Makes a file.
 * @param earlier rows of other files. Some of them are repeated, unchanged or changed
 * @param rowCount number of rows of a readable file @default random, or a file that cannot be read
 * @param style @default random
 */
export function makeFile(
  choices: Choices,
  earlier: readonly ExpectedRow[],
  rowCount?: number,
  { delimiter, decimalSeparator, extension, encode }: FileStyle = choices.oneOf(STYLES),
): MadeUpFile {
  if (rowCount === undefined && choices.chance(10)) {
    const [failure, name, text] = choices.oneOf(UNREADABLE);
    return { name, date: '', content: PLAIN.encode(text), rows: new Map(), rejects: new Map(), failure };
  }
  const day = String(choices.between(1, 28)).padStart(2, '0');
  const terminator = choices.oneOf(['\n', '\r\n']);
  // The quotes of a later row would close an unclosed quote: a file has one kind or the other.
  const hasQuotes = choices.chance(70);
  const rows = new Map<number, ExpectedRow>();
  const rejects = new Map<number, RejectCode>();
  const lines = [UPLOAD_COLUMNS.join(delimiter)];
  const repeatable = [...earlier];
  let line = 2;
  const count = rowCount ?? choices.oneOf([0, 1, 20, 300, 1_500]);
  for (let index = 0; index < count; index++) {
    const row = chooseRow(choices, repeatable, hasQuotes);
    const amounts = [row.amountExclTax, row.amountIncTax].map((amount) =>
      amount.replace('.', decimalSeparator),
    );
    const fields = [row.id, row.category, row.name, String(row.quantity), ...amounts];
    if (choices.chance(3)) {
      const [code, breakRow] = choices.oneOf(hasQuotes ? BREAKAGES : [...BREAKAGES, UNCLOSED_QUOTE]);
      rejects.set(line, code);
      lines.push(breakRow([row.id, 'SELL', 'Soap', '1', '1.00', '1.20']).join(delimiter));
      line++;
    } else {
      rows.set(line, row);
      if (index % 50 === 0) repeatable.push(row);
      lines.push(fields.map((field) => quoteField(field, delimiter)).join(delimiter));
      line += row.name.split('\n').length;
    }
    if (choices.chance(2)) {
      lines.push('');
      line++;
    }
  }
  const name = `retail_${day}_02_2024_${choices.below(3)}${extension}`;
  const text = lines.join(terminator) + (choices.chance(80) ? terminator : '');
  return { name, date: `2024-02-${day}`, content: encode(text), rows, rejects };
}

/** Makes a row, or repeats another one, unchanged or changed. */
export function chooseRow(choices: Choices, others: readonly ExpectedRow[], hasQuotes: boolean): ExpectedRow {
  if (others.length > 0 && choices.chance(10)) {
    const other = choices.oneOf(others);
    const same = hasQuotes ? other : { ...other, name: 'Soap' };
    return choices.chance(50) ? same : { ...same, quantity: same.quantity + 1 };
  }
  const cents = choices.between(0, 100_000);
  const hex = () => choices.below(0x10000).toString(16).padStart(4, '0');
  return {
    id: `${hex()}${hex()}-${hex()}-4${hex().slice(1)}-8${hex().slice(1)}-${hex()}${hex()}${hex()}`,
    category: choices.oneOf(['SELL', 'BUY']),
    name: hasQuotes ? choices.oneOf(NAMES) : 'Soap',
    quantity: choices.between(1, 9),
    amountExclTax: formatCents(cents),
    amountIncTax: formatCents(addTax(cents)),
  };
}
