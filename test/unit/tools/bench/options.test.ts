import { expect, test, vi } from 'vitest';
import { readOptions } from '../../../../tools/bench/options.ts';

test('without options everything is measured, with a million rows', () => {
  expect(readOptions([])).toMatchObject({
    only: ['throughput', 'queue', 'latency', 'memory', 'cold', 'growth'],
    rows: 1_000_000,
    runs: 50,
    memoryRows: [100_000, 1_000_000],
    growthRows: [100_000, 1_000_000],
    countedRows: [],
    json: false,
    write: false,
  });
});

test('parts and sizes can be chosen', () => {
  const args = ['--only', 'memory,growth', '--memory-rows', '10,20', '--counted-rows', '50', '--rows', '5'];
  expect(readOptions(args)).toMatchObject({
    only: ['memory', 'growth'],
    memoryRows: [10, 20],
    growthRows: [1, 5],
    countedRows: [50],
  });
});

test.each([
  [['--only', 'speed'], 'no part "speed"'],
  [['--memory-rows', '10,x'], 'whole number'],
  [['--rows', '0'], 'whole number'],
])('%j is refused', (args, message) => {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => readOptions(args)).toThrow();
  expect(written.mock.calls.flat().join('')).toContain(message);
  written.mockRestore();
});
