import { expect, test } from 'vitest';
import { describeFormat, describeRows } from '../../../console/describe-format.ts';
import { describeFailure } from '../../../console/failure-advice.ts';

test('the format of a CSV file is said in sentences', () => {
  const findings = describeFormat({
    encoding: 'Windows-1252',
    delimiter: ';',
    quote: '"',
    lineTerminator: 'CRLF',
    headerLine: 3,
    decimalSeparator: ',',
    dateFormat: 'DD.MM.YYYY',
    currency: '€',
  });
  expect(findings.map(({ text }) => text)).toEqual([
    'CSV file with values between semicolons.',
    'Text encoding: Windows-1252.',
    'The titles are on line 3.',
    'Dates are written as DD.MM.YYYY.',
    'Amounts have a comma before the cents.',
    'The amounts are in €.',
  ]);
  expect(findings.every(({ kind }) => kind === 'fact')).toBe(true);
});

test('a total that differs and an ignored column are notices', () => {
  const notices = describeFormat({
    syntax: 'XLSX',
    sheet: 'March',
    unknownColumns: ['till'],
    skippedLines: { headers: 1, totals: 2 },
    totals: { line: 90, column: 'amount_inc_tax', written: '120.00', rows: '100.00' },
  }).filter(({ kind }) => kind === 'notice');
  expect(notices.map(({ text }) => text)).toEqual([
    'Columns that were not read: “till”.',
    'The total on line 90 (amount_inc_tax) says 120.00, but the rows add up to 100.00. Rows may be missing, or there twice.',
  ]);
});

test('an archive of several files has its number', () => {
  expect(describeFormat({ compression: 'zip', files: 1 })[0]!.text).toMatch(/^An archive of 1 file,/);
  expect(describeFormat({ compression: 'gzip', syntax: 'NDJSON' })[0]!.text).toBe(
    'JSON lines in a gzip archive.',
  );
});

test('a failure has one advice: that of its message, or else one of the console', () => {
  const message =
    'The header has no column id. Rename its columns, or describe them in a profile of the store.';
  expect(describeFailure('column-missing', message)).toMatch(
    /^The header has no column id\. Give each column/,
  );
  expect(describeFailure('not-utf8', 'The file is UTF-16. Save it as UTF-8.')).toMatch(/Save it as UTF-8\.$/);
  expect(describeFailure('file-empty', 'The file is empty: it has no item.')).toBe(
    'The file is empty: it has no item. Export the file again, and look into it before you send it.',
  );
  expect(describeFailure('message-discarded', 'An operator discarded it: a test')).toMatch(
    /: a test\. Ask your/,
  );
  expect(describeFailure('constructor', 'It failed.')).toBe('It failed.');
  expect(describeFailure()).toContain('send it again, or ask your operator.');
});

test('a file without rows and rows of a day to come are notices', () => {
  const textsOf = (verdict: Parameters<typeof describeRows>[0]) =>
    describeRows(verdict, '2025-03-15', String).map(({ kind, text }) => `${kind}: ${text}`);
  expect(textsOf({ rowsRead: 2, lastDay: '2025-03-15', format: {} })).toEqual([]);
  expect(textsOf({ rowsRead: 2, lastDay: '2052-03-15', format: {} })).toEqual([
    'notice: Rows are for a day that is still to come, 2052-03-15. Check the date.',
  ]);
  expect(textsOf({ rowsRead: 0, lastDay: null, format: {} })).toEqual([
    'notice: The file has titles, but no rows below them. Export it again if the shop was open.',
  ]);
  // An archive itself has no rows.
  expect(textsOf({ rowsRead: 0, lastDay: null, format: { files: 3 } })).toEqual([]);
});
