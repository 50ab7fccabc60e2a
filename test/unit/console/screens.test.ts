import { expect, test } from 'vitest';
import { changeFilter, groupByDay, readFilesFilter } from '../../../console/screens/files-query.ts';
import {
  groupByStore,
  readNumbersFilter,
  readWhy,
  writeNumbersQuery,
} from '../../../console/screens/numbers-query.ts';

test('filters of files survive the address, and what cannot be is left out', () => {
  const filter = readFilesFilter({
    status: 'open',
    store: 'main',
    day: '2025-03-15',
    name: 'a&b',
    before: '12_x',
  });
  expect(readFilesFilter(changeFilter(filter, { before: '12_x' }))).toEqual(filter);
  expect(readFilesFilter({ status: 'strange', day: '2025-02-30' })).toMatchObject({ status: '', day: '' });
});

test('another filter begins at the first page', () => {
  const filter = readFilesFilter({ before: '12_x', store: 'main' });
  expect(changeFilter(filter, { status: 'failed' })).toEqual({ store: 'main', status: 'failed' });
});

test('files are grouped by the day on the wall', () => {
  const entries = [{ receivedAt: '2025-03-15T20:00:00Z' }, { receivedAt: '2025-03-15T12:00:00Z' }];
  const inTokyo = (time: Date) => new Date(time.getTime() + 9 * 3_600_000).toISOString().slice(0, 10);
  expect(groupByDay(entries, inTokyo).map(({ day, entries }) => [day, entries.length])).toEqual([
    ['2025-03-16', 1],
    ['2025-03-15', 1],
  ]);
});

test('a range of numbers is at most one that the pipeline answers', () => {
  expect(readNumbersFilter({ since: '2020-01-01', until: '2025-03-15' }).since).toBe('2024-03-15');
  expect(readNumbersFilter({ since: '2025-04-01', until: '2025-03-15' }).since).toBe('2025-03-15');
  expect(readNumbersFilter({ since: 'then', until: '2025-03-15' })).toMatchObject({
    since: '',
    until: '2025-03-15',
  });
});

test('a change of the filter keeps the rest', () => {
  const filter = readNumbersFilter({ product: 'Milk', store: 'main' });
  expect(writeNumbersQuery(filter, { store: '', since: '2025-03-01' })).toEqual({
    product: 'Milk',
    since: '2025-03-01',
  });
});

test('the address says which number is explained', () => {
  expect(readWhy({ product: 'Milk' })).toBeUndefined();
  expect(readWhy({ why: 'SELL', day: '2025-03-15', store: 'main' })).toEqual({
    product: '',
    day: '2025-03-15',
    store: 'main',
    category: 'SELL',
    since: '',
    until: '',
  });
  expect(readWhy({ why: 'all', product: 'Milk', day: 'x' })).toMatchObject({ category: '', day: '' });
});

test('what was sold is arranged by store with every day, and totals are exact', () => {
  const stores = groupByStore(
    [
      { day: '2025-03-14', store: 'a', sold: '0.10' },
      { day: '2025-03-16', store: 'a', sold: '0.20' },
      { day: '2025-03-14', store: 'b', sold: '5.00' },
    ],
    '2025-03-14',
    '2025-03-16',
  );
  expect(stores.map(({ store, total }) => [store, total])).toEqual([
    ['b', '5.00'],
    ['a', '0.30'],
  ]);
  expect(stores[1]!.points.map(({ amount }) => amount)).toEqual(['0.10', '0.00', '0.20']);
});
