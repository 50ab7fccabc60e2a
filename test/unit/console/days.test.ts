import { expect, test } from 'vitest';
import {
  arrangeMonth,
  arrangeStores,
  describeDay,
  listUrgent,
  showState,
} from '../../../console/day-states.ts';
import { createFormat } from '../../../console/format.ts';
import { moveCell } from '../../../console/grid-move.ts';
import type { StoreDay } from '../../../lambdas/core/api-answers.ts';

const entryOf = (entry: Partial<StoreDay>): StoreDay => ({
  store: 'main',
  day: '2025-03-15',
  state: 'complete',
  uploads: 1,
  loading: 0,
  failed: 0,
  rows: 100,
  rejected: 0,
  open: 0,
  firstArrival: '2025-03-15T08:00:00Z',
  expected: null,
  ...entry,
});

test('a day is said in words', () => {
  const format = createFormat('en');
  expect(describeDay(entryOf({ state: 'rejects', open: 3, uploads: 2 }), format)).toBe(
    'Saturday, March 15, 2025, store main: to correct, 2 files, 100 rows, 3 to correct',
  );
  expect(describeDay(entryOf({ state: 'none', uploads: 0, rows: 0 }), format)).toMatch(
    /store main: nothing arrived$/,
  );
});

test('a file that loads shows, unless the day has a problem', () => {
  expect(showState({ state: 'complete', loading: 1 })).toBe('loading');
  expect(showState({ state: 'failed', loading: 1 })).toBe('failed');
});

test('days of a month are in the column of their weekday', () => {
  const grid = arrangeMonth([entryOf({}), entryOf({ store: 'other' })], 'main', '2025-03', 1);
  expect(grid[2]![5]).toMatchObject({ day: '2025-03-15', entry: { store: 'main' } });
  expect(grid[0]![0]).toBeUndefined();
  expect(grid[0]![5]).toEqual({ day: '2025-03-01', store: 'main', entry: undefined });
});

test('each store has a row with every day', () => {
  const grid = arrangeStores([entryOf({})], ['main', 'other'], '2025-03-14', '2025-03-15');
  expect(grid.map((cells) => cells.map((cell) => cell?.entry?.state))).toEqual([
    [undefined, 'complete'],
    [undefined, undefined],
  ]);
});

test('what is missing comes first, then the newest', () => {
  const urgent = listUrgent([
    entryOf({ state: 'late' }),
    entryOf({ state: 'missing', day: '2025-03-10' }),
    entryOf({ state: 'complete' }),
    entryOf({ state: 'missing', day: '2025-03-12' }),
  ]);
  expect(urgent.map(({ state, day }) => `${state} ${day.slice(8)}`)).toEqual([
    'missing 12',
    'missing 10',
    'late 15',
  ]);
});

test('arrow keys go to the next cell and stop at the edge', () => {
  const grid = [
    [false, true, true],
    [true, true, false],
  ];
  expect(moveCell(grid, { row: 0, column: 1 }, 'ArrowRight')).toEqual({ row: 0, column: 2 });
  expect(moveCell(grid, { row: 0, column: 2 }, 'ArrowDown')).toBeUndefined();
  expect(moveCell(grid, { row: 0, column: 1 }, 'ArrowDown')).toEqual({ row: 1, column: 1 });
  expect(moveCell(grid, { row: 0, column: 2 }, 'Home')).toEqual({ row: 0, column: 1 });
  expect(moveCell(grid, { row: 1, column: 0 }, 'End')).toEqual({ row: 1, column: 1 });
  expect(moveCell(grid, { row: 0, column: 1 }, 'a')).toBeUndefined();
});
