import { readFileSync } from 'node:fs';
import { zip } from '../make/archives.ts';
import { HEADER, type Situation, type Subject } from '../make/situation.ts';
import { binaryWorkbook, ods, type SheetText, type XlsxOptions, xlsx } from '../make/workbooks.ts';

const TITLES = HEADER.replaceAll(',', '|');
const SALES = {
  lines: [TITLES, '{1}|SELL|Tea, "green" & black|#2|#10|#12', '{2}|BUY|Kettle|#1|#24.9|#29.88'],
  rows: [
    [2, 1, 'SELL', 'Tea, "green" & black', 2, '10.00', '12.00'],
    [3, 2, 'BUY', 'Kettle', 1, '24.90', '29.88'],
  ],
} as const;
const XLSX = { syntax: 'XLSX', sheet: 'Sales' } as const;
const ODS = { syntax: 'ODS', sheet: 'Sales' } as const;
/** Whole numbers do not show the decimal separator. */
const WHOLE = { decimalSeparator: undefined };
const NOTES: SheetText = { name: 'Notes', text: 'Exported by|Anna' };
const sales = (text: string): SheetText => ({ name: 'Sales', text });
const asXlsx =
  (options: XlsxOptions = {}, ...others: SheetText[]) =>
  (text: string) =>
    xlsx([...others, sales(text)], options);
const refused = { lines: SALES.lines, failure: 'workbook-unusable', format: { syntax: 'XLSX' } } as const;

/** What workbooks of the old kind begin with ([MS-CFB], 2.2). */
const OLD_WORKBOOK = Buffer.concat([
  Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
  Buffer.alloc(16),
  Uint8Array.of(0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0),
  Buffer.alloc(480, 0xff),
]);

/** A workbook that LibreOffice saved; see `../workbooks/README.md`. */
const saved = (name: string, firstId: string, syntax: 'XLSX' | 'ODS'): Situation => {
  const id = (number: number) => `${firstId}-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const day = '2025-03-15';
  return {
    situation: `${syntax} that LibreOffice saved: merged cells, rates as percentages, formulas, returns and weights.`,
    lines: [],
    as: () => readFileSync(new URL(`../workbooks/${name}`, import.meta.url)),
    rules: {
      taxes: ['25', '15', '12'].map((percent) => ({ name: `MVA ${percent}`, percent })),
    },
    rows: [
      [4, id(1), 'SELL', 'Brunost', 2, '100.00', '115.00', day],
      [5, id(2), 'SELL', 'Epler, løs vekt', 1.245, '24.90', '28.64', day],
      [6, id(3), 'SELL', 'Kaffetrakter', 1, '1999.00', '2498.75', day],
      [7, id(4), 'SELL', 'Kaffetrakter', -1, '-1999.00', '-2498.75', day],
      [8, id(5), 'BUY', 'Laks fersk', 12.5, '1875.00', '2100.00', day],
    ],
    rejected: [
      [9, 'amount_excl_tax', 'cell-invalid'],
      [10, 'amount_inc_tax', 'amount-invalid'],
      [11, 'transaction_date', 'date-missing'],
    ],
    format: {
      syntax,
      sheet: 'Uke 11',
      headerLine: 3,
      dateFormat: 'YYYY-MM-DD',
      skippedLines: { headers: 0, totals: 1 },
    },
  };
};

export const workbooks: Subject = {
  'plain.xlsx': { situation: 'XLSX: texts and numbers.', ...SALES, as: asXlsx(), format: XLSX },
  'inline.xlsx': {
    situation: 'XLSX with texts in their cells, as programs write it.',
    ...SALES,
    as: asXlsx({ isInline: true }),
    format: XLSX,
  },
  'prefix.xlsx': {
    situation: 'XLSX whose elements have a prefix.',
    ...SALES,
    as: asXlsx({ prefix: 'x' }),
    format: XLSX,
  },
  'macros.xlsm': { situation: 'XLSM, a workbook with macros.', ...SALES, as: asXlsx(), format: XLSX },
  'in-disguise.csv': {
    situation: 'XLSX in a name that ends with .csv.',
    ...SALES,
    as: asXlsx(),
    format: XLSX,
  },
  'ods.ods': {
    situation: 'ODS: texts, numbers, comments, and blank cells up to the end of the sheet.',
    ...SALES,
    as: (text) => ods([sales(text)]),
    format: ODS,
  },
  'in-archive.zip': {
    situation: 'XLSX in a zip archive.',
    lines: SALES.lines,
    as: (text) => zip({ name: 'sales.xlsx', content: xlsx([sales(text)]) }),
    format: { compression: 'zip', files: 1 },
  },
  'numbers.xlsx': {
    situation: 'XLSX: numbers count as the spreadsheet shows them, and their point marks decimals.',
    lines: [
      TITLES,
      '{1}|SELL|Tea|#1|#0.30000000000000004|#0.36',
      '{2}|SELL|Tea|#1|#1.2E1|=14.4',
      '{3}|SELL|Tea|#1|#1.234|#1.48',
      '{4}|SELL|Tea|#1|1,234|1,480.8',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 1, '0.30', '0.36'],
      [3, 2, 'SELL', 'Tea', 1, '12.00', '14.40'],
      [5, 4, 'SELL', 'Tea', 1, '1234.00', '1480.80'],
    ],
    rejected: [[4, 'amount_excl_tax', 'amount-invalid']],
    as: asXlsx(),
    format: XLSX,
  },
  'dates.xlsx': {
    situation: 'XLSX: days since 1900, with and without a time.',
    lines: [
      `${TITLES}|transaction_date`,
      '{1}|SELL|Tea|#1|#10|#12|@45731',
      '{2}|SELL|Tea|#1|#10|#12|@45731.354166666664',
      '{3}|SELL|Tea|#1|#10|#12|2025-03-16',
      '{4}|SELL|Tea|#1|#10|#12|#45731',
      '{5}|SELL|Tea|#1|#10|#12|@60',
      '{6}|SELL|Tea|#1|#10|#12|@59',
    ],
    rows: [
      [2, 1, 'SELL', 'Tea', 1, '10.00', '12.00', '2025-03-15'],
      [3, 2, 'SELL', 'Tea', 1, '10.00', '12.00', '2025-03-15'],
      [4, 3, 'SELL', 'Tea', 1, '10.00', '12.00', '2025-03-16'],
      [7, 6, 'SELL', 'Tea', 1, '10.00', '12.00', '1900-02-28'],
    ],
    rejected: [
      [5, 'transaction_date', 'date-invalid'],
      [6, 'transaction_date', 'date-invalid'],
    ],
    as: asXlsx(),
    format: { ...XLSX, ...WHOLE, dateFormat: 'YYYY-MM-DD' },
  },
  'dates-1904.xlsx': {
    situation: 'XLSX: days since 1904.',
    lines: [`${TITLES}|transaction_date`, '{1}|SELL|Tea|#1|#10|#12|@44269'],
    rows: [[2, 1, 'SELL', 'Tea', 1, '10.00', '12.00', '2025-03-15']],
    as: asXlsx({ is1904: true }),
    format: { ...XLSX, ...WHOLE, dateFormat: 'YYYY-MM-DD' },
  },
  'ods-dates.ods': {
    situation: 'ODS: days.',
    lines: [`${TITLES}|transaction_date`, '{1}|SELL|Tea|#1|#10|#12|@2025-03-15'],
    rows: [[2, 1, 'SELL', 'Tea', 1, '10.00', '12.00', '2025-03-15']],
    as: (text) => ods([sales(text)]),
    format: { ...ODS, ...WHOLE, dateFormat: 'YYYY-MM-DD' },
  },
  'errors.xlsx': {
    situation: 'XLSX: cells with an error, and a formula without its result.',
    lines: [
      `${TITLES}|note`,
      '{1}|SELL|!#N/A|#1|#10|#12',
      '{2}|SELL|Tea|#1|#10|=',
      '{3}|SELL|Tea|#1|#10|=12|!#REF!',
      '{4}|SELL|N/A|#1|#10|#12',
    ],
    rows: [
      [4, 3, 'SELL', 'Tea', 1, '10.00', '12.00'],
      [5, 4, 'SELL', 'N/A', 1, '10.00', '12.00'],
    ],
    rejected: [
      [2, 'description', 'cell-invalid'],
      [3, 'amount_inc_tax', 'cell-invalid'],
    ],
    as: asXlsx(),
    format: { ...XLSX, ...WHOLE, unknownColumns: ['note'] },
  },
  'ods-errors.ods': {
    situation: 'ODS: a cell with an error.',
    lines: [TITLES, '{1}|SELL|Tea|#1|!Err:502|#12'],
    rejected: [[2, 'amount_excl_tax', 'cell-invalid']],
    as: (text) => ods([sales(text)]),
    format: { ...ODS, ...WHOLE },
  },
  'lines.xlsx': {
    situation: 'XLSX: a heading, blank rows, a repeated header and a total. Lines are rows of the sheet.',
    lines: [
      'Sales of March',
      '',
      TITLES,
      '',
      '{1}|SELL|Tea|#1|#10|#12',
      '|||||',
      TITLES,
      '{2}|SELL|Tea|#1|#10|#13',
      'Total|||#2|#20|#25',
    ],
    rows: [[5, 1, 'SELL', 'Tea', 1, '10.00', '12.00']],
    rejected: [[8, 'amount_inc_tax', 'tax-mismatch']],
    as: asXlsx(),
    format: { ...XLSX, ...WHOLE, headerLine: 3, skippedLines: { headers: 1, totals: 1 }, totals: 'agree' },
  },
  'total-with-error.xlsx': {
    situation: 'XLSX: a total over a cell with an error, which has the error too, is not a row.',
    lines: [
      TITLES,
      '{1}|SELL|Tea|#1|#10|#12',
      '{2}|SELL|Tea|#1|!#DIV/0!|#12',
      'Total|||#2|!#DIV/0!|#24',
      'Total|||=|=|=',
    ],
    rows: [[2, 1, 'SELL', 'Tea', 1, '10.00', '12.00']],
    rejected: [[3, 'amount_excl_tax', 'cell-invalid']],
    as: asXlsx(),
    format: { ...XLSX, ...WHOLE, skippedLines: { headers: 0, totals: 2 } },
  },
  'blank-cells.xlsx': {
    situation: 'XLSX: blank cells at the end of a row are missing values, not missing columns.',
    lines: [TITLES, '{1}|SELL|Tea|#1|#10'],
    rejected: [[2, 'amount_inc_tax', 'amount-invalid']],
    as: asXlsx(),
    format: { ...XLSX, ...WHOLE },
  },
  'sheets.xlsx': {
    situation: 'XLSX: only one of the sheets has a header.',
    ...SALES,
    as: asXlsx({}, NOTES, { name: 'Empty', text: '' }),
    format: XLSX,
  },
  'hidden.xlsx': {
    situation: 'XLSX: another sheet with a header is hidden.',
    ...SALES,
    as: (text) => asXlsx({}, { ...sales(text.replaceAll('SELL', 'BUY')), name: 'Old', isHidden: true })(text),
    format: XLSX,
  },
  'ods-hidden.ods': {
    situation: 'ODS: another sheet with a header is hidden.',
    ...SALES,
    as: (text) =>
      ods([{ ...sales(text.replaceAll('SELL', 'BUY')), name: 'Old', isHidden: true }, sales(text)]),
    format: ODS,
  },
  'two-headers.xlsx': {
    situation: 'XLSX: two sheets have a header.',
    ...refused,
    as: (text) => asXlsx({}, { name: 'March', text })(text),
  },
  'no-header.xlsx': {
    situation: 'XLSX without a header.',
    lines: ['a|b', '1|2'],
    failure: 'column-missing',
    as: asXlsx(),
    format: XLSX,
  },
  'empty.xlsx': { situation: 'XLSX without a cell.', ...refused, lines: [], as: asXlsx() },
  'truncated.xlsx': {
    situation: 'XLSX that ends before its end.',
    lines: SALES.lines,
    failure: 'archive-damaged',
    as: (text) => xlsx([sales(text)]).subarray(0, -30),
    format: { compression: 'zip' },
  },
  'malformed.xlsx': {
    situation: 'XLSX with a sheet that is not XML.',
    ...refused,
    as: (text) => asXlsx({ prefix: '<' })(text),
  },
  'libreoffice.xlsx': saved('libreoffice.xlsx', 'feed0001', 'XLSX'),
  'ods-libreoffice.ods': saved('libreoffice.ods', 'feed0002', 'ODS'),
  'binary.xlsb': {
    situation: 'A binary workbook (.xlsb).',
    ...refused,
    lines: [],
    as: binaryWorkbook,
  },
  'old.xls': {
    situation: 'A workbook of Excel 97 (.xls), or one with a password.',
    lines: [],
    failure: 'workbook-unusable',
    as: () => OLD_WORKBOOK,
    format: {},
  },
  'old-in-disguise.csv': {
    situation: 'A workbook of Excel 97 in a name that ends with .csv.',
    lines: [],
    failure: 'workbook-unusable',
    as: () => OLD_WORKBOOK,
    format: {},
  },
  'ods-password.ods': {
    situation: 'ODS with a password.',
    ...refused,
    as: (text) => ods([sales(text)], true),
    format: { syntax: 'ODS' },
  },
};
