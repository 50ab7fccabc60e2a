import { expect, test } from 'vitest';
import { describeFormat, exitCodeFor } from '../../../cli/commands/uploads.ts';
import type { LedgerEntry } from '../../../cli/ledger.ts';

test.each([
  [{}, []],
  [
    {
      encoding: 'UTF-8',
      lineTerminator: 'LF',
      delimiter: ',',
      quote: '"',
      headerLine: 1,
      decimalSeparator: '.',
    },
    [],
  ],
  [{ dateFormat: 'YYYY-MM-DD', skippedLines: { headers: 0, totals: 0 }, unknownColumns: [] }, []],
  [
    { compression: 'gzip', encoding: 'Windows-1252', delimiter: '\t', quote: "'", lineTerminator: 'CR' },
    ['gzip', 'Windows-1252', 'delimiter tab', 'single quotes', 'line terminator CR'],
  ],
  [
    { delimiter: ';', headerLine: 3, decimalSeparator: ',', dateFormat: 'DD.MM.YYYY', currency: '€' },
    ['delimiter semicolon', 'header on line 3', 'decimal comma', 'dates DD.MM.YYYY', 'amounts in €'],
  ],
  [
    { skippedLines: { headers: 1, totals: 2 }, unknownColumns: ['a', 'b'] },
    ['skipped 1 repeated header', 'skipped 2 total lines', 'ignored columns: a, b'],
  ],
  [
    { unknownColumns: Array.from({ length: 12 }, (_, index) => `c${index}`) },
    ['ignored columns: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more'],
  ],
] as const)('of %j only the differences from a plain CSV are described', (format, parts) => {
  expect(describeFormat(format)).toEqual(parts);
});

const entry = (values: Partial<LedgerEntry>) =>
  ({ status: 'complete', rowsRejected: 0, rowsConflicting: 0, ...values }) as LedgerEntry;
test.each([
  [0, []],
  [0, [entry({}), entry({ status: 'superseded' })]],
  [3, [entry({}), entry({ rowsRejected: 1 })]],
  [3, [entry({ rowsConflicting: 1 })]],
  [1, [entry({ rowsRejected: 1 }), entry({ status: 'failed' })]],
])('the exit code is %i for %j', (code, entries) => expect(exitCodeFor(entries)).toBe(code));
