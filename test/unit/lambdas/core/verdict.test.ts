import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batcher } from '../../../../lambdas/core/batches/batcher.ts';
import type { RowBatch } from '../../../../lambdas/core/row-batch.ts';
import { describeRepeats, Judge, type Verdict } from '../../../../lambdas/core/verdict.ts';
import { numberedUpload, uuid } from '../../../support/batches.ts';
import { valuesOf } from '../../../support/upload-fixture.ts';

type Row = Parameters<typeof valuesOf>[0];

/** Cuts rows into batches, as the parser does. Each is on the line after the one before; the first is on line 2. */
function batchesOf(rows: readonly Row[], maxBytes = 4_000, hasDates = false): RowBatch[] {
  const facts = { header: 'id', format: {}, ...(hasDates ? {} : { date: '2025-03-15' }) };
  const batcher = new Batcher(numberedUpload(1), facts, maxBytes);
  const full = rows.map((row, index) => batcher.addRow(index + 2, valuesOf(row)));
  return [...full.filter((batch) => batch !== undefined), batcher.close({ rowsRead: rows.length })];
}

function judge(batches: readonly RowBatch[]): Verdict {
  const judge = new Judge();
  for (const batch of batches) judge.add(batch);
  return judge.verdicts[0]!;
}

const countsOf = ({ rowsRead, rowsNew, rowsDuplicate, rowsConflicting }: Verdict) => ({
  rowsRead,
  rowsNew,
  rowsDuplicate,
  rowsConflicting,
});

const text = fc.oneof(
  fc.constantFrom(
    'Tea',
    'tea',
    'Te',
    '',
    'NULL',
    'Té',
    'Te\u0301',
    '茶',
    '🍵',
    'a,b',
    '"',
    '\\',
    '{}',
    'a\\"b',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }),
);
const usually = <T>(value: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: other });
const row = fc.record({
  id: fc.integer({ min: 1, max: 6 }).map((number) => `${uuid(number).slice(0, -2)}a${number}`),
  transactionDate: usually('2025-03-15', fc.constant('2025-03-16')),
  category: usually('SELL', fc.constant('BUY')),
  name: usually(
    'Tea',
    text.filter((name) => name.trim() === name && name !== ''),
  ),
  quantity: fc.constantFrom('1', '1.0', '1.000', '001', '-1'),
  amountExclTax: usually('1.00', fc.constantFrom('1', '1.0', '-1.00', '9999999999.99')),
  amountIncTax: fc.constantFrom('1.20', '1.2'),
});

/** The rule in another way: the values of the first row with an id, and numbers as numbers. */
function expectedOf(rows: readonly Row[]) {
  const first = new Map<string, { readonly line: number; readonly values: string }>();
  const counts = { rowsRead: rows.length, rowsNew: 0, rowsDuplicate: 0, rowsConflicting: 0 };
  const conflicting: { line: number; firstLine: number }[] = [];
  for (const [index, made] of rows.entries()) {
    const { id, transactionDate, category, name, ...numbers } = made as Record<string, string>;
    const values = JSON.stringify([transactionDate, category, name, Object.values(numbers).map(Number)]);
    const key = id!.toLowerCase();
    const known = first.get(key);
    if (known === undefined) {
      first.set(key, { line: index + 2, values });
      counts.rowsNew++;
    } else if (known.values === values) counts.rowsDuplicate++;
    else {
      counts.rowsConflicting++;
      conflicting.push({ line: index + 2, firstLine: known.line });
    }
  }
  return { ...counts, conflicting };
}

test('rows with the id of an earlier row are duplicates or conflicts, however they are written', () => {
  const rows = fc.array(
    fc.tuple(row, fc.boolean()).map(([made, isUpper]) => ({
      ...made,
      id: isUpper ? made.id.toUpperCase() : made.id,
    })),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(rows, fc.boolean(), (made, hasDates) => {
      const same = hasDates ? made : made.map((one) => ({ ...one, transactionDate: '2025-03-15' }));
      const verdict = judge(batchesOf(same, 1_500, hasDates));
      expect({ ...countsOf(verdict), conflicting: verdict.conflicting }).toEqual(expectedOf(same));
    }),
    { numRuns: 300 },
  );
});

test('a file of many rows finds each that comes again, far away too', () => {
  const count = 70_000;
  const rows = Array.from({ length: count }, (_, index) => ({ id: uuid(index % 60_000), name: 'Tea' }));
  rows[count - 1] = { id: uuid(7), name: 'Coffee' };
  const verdict = judge(batchesOf(rows, 1_000_000));
  const counts = { rowsRead: count, rowsNew: 60_000, rowsDuplicate: 9_999, rowsConflicting: 1 };
  expect(countsOf(verdict)).toEqual(counts);
  expect(verdict).toMatchObject({
    status: 'conflicting rows',
    conflicting: [{ line: 70_001, firstLine: 9 }],
  });
});

test('the ids of each file are separate, and a file that begins again has no verdict from before', () => {
  const judge = new Judge();
  const batch = batchesOf([{ id: uuid(1) }, { id: uuid(1) }])[0]!;
  const other = { ...batch, upload: { ...batch.upload, key: 'incoming/other.csv' } };
  for (const each of [batch, other, other]) judge.add(each);
  expect(judge.verdicts.map(countsOf)).toEqual([
    { rowsRead: 2, rowsNew: 1, rowsDuplicate: 1, rowsConflicting: 0 },
    { rowsRead: 2, rowsNew: 1, rowsDuplicate: 1, rowsConflicting: 0 },
  ]);
  expect(judge.verdicts[0]!.status).toBe('ok');
});

test('only the first conflicting rows are listed', () => {
  const rows = Array.from({ length: 2_002 }, (_, index) => ({ id: uuid(1), name: `Tea ${index}` }));
  const { rowsConflicting, conflicting } = judge(batchesOf(rows, 100_000));
  expect([rowsConflicting, conflicting.length]).toEqual([2_001, 2_000]);
});

test('of a very long file, rows are compared with the first ones, and the verdict says so', () => {
  const rows = [1, 2, 3, 3, 1].map((number) => ({ id: uuid(number) }));
  const judgeWith = (maxIds: number) => {
    const judge = new Judge(0, maxIds);
    for (const batch of batchesOf(rows)) judge.add(batch);
    return judge.verdicts[0];
  };
  expect(judgeWith(3)).toMatchObject({ isCompared: true, rowsNew: 3, rowsDuplicate: 2 });
  expect(judgeWith(2)).toMatchObject({ isCompared: false, rowsNew: 4, rowsDuplicate: 1 });
});

test('duplicates are said quietly, with their number', () => {
  const say = (rowsDuplicate: number, isCompared = true) =>
    describeRepeats({ rowsDuplicate, isCompared }, String);
  expect(say(0)).toEqual([]);
  expect(say(1)).toEqual(['1 row is in the file twice and loads once.']);
  expect(say(3)).toEqual(['3 rows repeat an earlier row of the file, which loads once.']);
  expect(say(0, false)).toEqual([expect.stringMatching(/^The file is very long/)]);
});
