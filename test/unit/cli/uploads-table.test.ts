import { expect, test } from 'vitest';
import { describeFormat, exitCodeFor, printUploads } from '../../../cli/commands/uploads.ts';
import type { LedgerEntry } from '../../../cli/ledger.ts';
import { createIo } from '../../../cli/output/console.ts';

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
  [{ syntax: 'NDJSON', manifest: 'used' }, ['NDJSON']],
  [
    { syntax: 'NDJSON', manifest: 'ignored' },
    ['NDJSON', 'list of calls ignored, since it does not match the lines'],
  ],
  [{ dateFormat: 'YYYY-MM-DD', skippedLines: { headers: 0, totals: 0 }, unknownColumns: [] }, []],
  [
    { compression: 'gzip', encoding: 'Windows-1252', delimiter: '\t', quote: "'", lineTerminator: 'CR' },
    ['gzip', 'Windows-1252', 'delimiter tab', 'single quotes', 'line terminator CR'],
  ],
  [
    {
      profile: 'german-till',
      delimiter: ';',
      headerLine: 3,
      decimalSeparator: ',',
      dateFormat: 'DD.MM.YYYY',
      currency: '€',
    },
    [
      'profile german-till',
      'delimiter semicolon',
      'header on line 3',
      'decimal comma',
      'dates DD.MM.YYYY',
      'amounts in €',
    ],
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
  ({ status: 'complete', rowsRejected: 0, rowsConflicting: 0, format: {}, ...values }) as LedgerEntry;
test.each([
  [0, []],
  [0, [entry({}), entry({ status: 'superseded' })]],
  [3, [entry({}), entry({ rowsRejected: 1 })]],
  [3, [entry({ rowsConflicting: 1 })]],
  [3, [entry({ format: { totals: { line: 3, column: 'quantity', written: '2', rows: '1' } } })]],
  [0, [entry({ format: { totals: 'agree' } })]],
  [1, [entry({ rowsRejected: 1 }), entry({ status: 'failed' })]],
])('the exit code is %i for %j', (code, entries) => expect(exitCodeFor(entries)).toBe(code));

function linesOf(uploads: readonly LedgerEntry[]): string[] {
  const lines: string[] = [];
  const print = (text: string) => void lines.push(...text.split('\n'));
  printUploads(createIo({ print, note: print, showProgress: () => undefined }), uploads, false);
  return lines;
}

const upload = (name: string, rowsRead = 1) =>
  entry({
    uploadId: '0123abcd-0000-8000-8000-000000000000',
    key: `incoming/store=main/${name}`,
    storeId: 'main',
    receivedAt: '2024-05-01T12:34:56.789Z',
    startedAt: '2024-05-01T12:34:56.789Z',
    completedAt: null,
    firstDay: '2024-05-01',
    lastDay: '2024-05-01',
    rowsRead,
    rowsInserted: rowsRead,
    rowsDuplicate: 0,
    format: {},
  });

test('a file whose name says that it is NDJSON has no separate line', () => {
  const format = { syntax: 'NDJSON' } as const;
  const lines = linesOf([
    { ...upload('calls.ndjson'), format },
    { ...upload('a.csv'), format },
  ]);
  expect(lines.filter((line) => line.endsWith(': NDJSON'))).toEqual(['incoming/store=main/a.csv: NDJSON']);
});

test('a decision that is not applied is named, with its file and reason', () => {
  const decision = { kind: 'retract', file: 'incoming/a.csv', reason: 'Wrong.', by: 'ann' } as const;
  const lines = linesOf([
    { ...upload('waits'), status: 'loading', decision: { ...decision, state: 'waiting' } },
    { ...upload('fails'), status: 'failed', decision: { ...decision, state: 'refused' } },
    { ...upload('done'), decision: { ...decision, state: 'done' } },
  ]);
  expect(lines.filter((line) => line.includes('the decision of'))).toEqual([
    'incoming/store=main/waits: the decision of ann to retract incoming/a.csv ("Wrong.") waits for its file to be loaded',
    'incoming/store=main/fails: the decision of ann to retract incoming/a.csv ("Wrong.") is refused',
  ]);
});

test('a failed file that was retracted or moved has the decision in place of the advice', () => {
  const failed = {
    ...upload('a.csv', 0),
    status: 'failed',
    failureCode: 'store-unknown',
    failureMessage: 'Move it.',
  } as const;
  const file = failed.key;
  const retraction = { kind: 'retract', file, reason: 'Mistyped.', by: 'ann', state: 'done' } as const;
  const about = (entry: LedgerEntry) => linesOf([entry]).filter((line) => line.includes('(store-unknown)'));
  expect(about(failed)).toEqual([`${file} failed (store-unknown): Move it.`]);
  expect(about({ ...failed, retraction })).toEqual([
    `${file} failed (store-unknown): ann moved or retracted it ("Mistyped.")`,
  ]);
});

test('the table of uploads has ids and times, and fits into its width', () => {
  const lines = linesOf([upload('a.csv'), upload(`retail_01_05_2024_${'x'.repeat(1_000)}_end.csv`)]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(process.stdout.columns ?? 200);
  expect(lines[2]).toMatch(
    /^0123abcd {2}2024-05-01 12:34 {2}a\.csv +main +2024-05-01 +complete +1 +1 +0 +0 +0$/,
  );
  expect(lines[3]).toMatch(/^0123abcd {2}2024-05-01 12:34 {2}retail_01_05_2024_x+…x+_end\.csv {2}main/);
});

test('seconds count from the start of the reading, and several days are the first and the last', () => {
  const replayed = {
    ...upload('a.csv'),
    startedAt: '2024-06-01T00:00:00Z',
    completedAt: '2024-06-01T00:00:02.5Z',
    firstDay: '2024-01-01',
    lastDay: '2024-04-30',
  };
  const [, , line, unread] = linesOf([replayed, { ...upload('b.csv', 0), firstDay: null, lastDay: null }]);
  expect(line).toMatch(/ 2024-01-01 – 2024-04-30 +complete .* 2\.5$/);
  expect(unread).toMatch(/ main +complete /);
});

test('a file without rows is named, but not a decision', () => {
  const decision = {
    ...upload('a.csv', 0),
    key: 'incoming/decisions/2026-01-01T00:00:00.000Z-retract-0123abcd.json',
  };
  expect(linesOf([decision])).toHaveLength(3);
  expect(linesOf([upload('a.csv', 0), upload('b.csv')]).slice(4)).toEqual([
    '',
    'incoming/store=main/a.csv: a header without rows',
  ]);
});
