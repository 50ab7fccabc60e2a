import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeFates, divideBar, FATES, type RowCounts } from '../../../console/fates.ts';
import '../../support/repeatable-properties.ts';

function countsOf(counts: Partial<RowCounts>): RowCounts {
  const all = {
    inserted: 0,
    duplicate: 0,
    conflicting: 0,
    rejected: 0,
    retracted: 0,
    replaced: 0,
    ...counts,
  };
  return { ...all, read: counts.read ?? FATES.reduce((sum, fate) => sum + all[fate], 0) };
}

test('the segments of a bar fill it, one after the other, and each can be seen', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 2_000_000 }), { minLength: 6, maxLength: 6 }), (numbers) => {
      const rows = countsOf(Object.fromEntries(FATES.map((fate, index) => [fate, numbers[index]!])));
      const segments = divideBar(rows);
      expect(segments.reduce((sum, segment) => sum + segment.rows, 0)).toBe(rows.read);
      let end = 0;
      for (const { start, width } of segments) {
        expect(start).toBeCloseTo(end);
        expect(width).toBeGreaterThanOrEqual(1.49);
        end = start + width;
      }
      expect(end).toBeCloseTo(rows.read === 0 ? 0 : 100);
    }),
  );
});

test('one rejected row among a million is a segment', () => {
  const [inserted, rejected] = divideBar(countsOf({ inserted: 999_999, rejected: 1 }));
  expect(inserted).toMatchObject({ fate: 'inserted', start: 0, rows: 999_999 });
  expect(rejected!.width).toBeCloseTo(1.5, 3);
});

test('rows that have no result yet are pending', () => {
  expect(divideBar(countsOf({ inserted: 30, read: 100 }))).toEqual([
    { fate: 'inserted', rows: 30, start: 0, width: 30 },
    { fate: 'pending', rows: 70, start: 30, width: 70 },
  ]);
});

test('a bar in words has the results that occur', () => {
  expect(describeFates(countsOf({ inserted: 1_200, rejected: 3 }), String)).toBe(
    '1203 rows: 1200 new, 3 to correct',
  );
  expect(describeFates(countsOf({ inserted: 1 }), String)).toBe('1 row: 1 new');
  expect(describeFates(countsOf({}), String)).toBe('No rows');
});

test('rejected rows that were corrected are not rows to correct', () => {
  const rows = countsOf({ inserted: 4, rejected: 3 });
  expect(describeFates({ ...rows, open: 1 }, String)).toBe('7 rows: 4 new, 1 to correct, 2 settled');
  expect(describeFates({ ...rows, open: 0 }, String)).toBe('7 rows: 4 new, 3 settled');
});
