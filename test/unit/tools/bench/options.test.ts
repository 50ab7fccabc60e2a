import { Command } from 'commander';
import { expect, test } from 'vitest';
import { addBench } from '../../../../tools/bench/command.ts';
import type { BenchOptions } from '../../../../tools/bench/context.ts';

/** Parses a command line without running the benchmark. */
async function parse(...args: string[]): Promise<BenchOptions> {
  const parsed: BenchOptions[] = [];
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addBench(program, async (options) => void parsed.push(options));
  await program.parseAsync(['bench', ...args], { from: 'user' });
  return parsed[0]!;
}

test('without options all parts run with one million rows', async () => {
  expect(await parse()).toEqual({
    only: ['throughput', 'api', 'latency', 'memory', 'cold-start', 'console', 'consumption'],
    rows: 1_000_000,
    runs: 1,
    files: 50,
    countedRows: [],
    json: false,
    write: false,
  });
});

test('parts and sizes can be chosen', async () => {
  const args = ['--only', 'memory,consumption', '--memory-rows', '10,20', '--counted-rows', '50'];
  expect(await parse(...args)).toMatchObject({
    only: ['memory', 'consumption'],
    memoryRows: [10, 20],
    countedRows: [50],
  });
});

test.each([
  [['--only', 'speed'], 'no part "speed"'],
  [['--memory-rows', '10,x'], 'whole number'],
  [['--rows', '0'], 'whole number'],
  [['--fast'], 'unknown option'],
])('%j is refused with the reason', async (args, message) => {
  await expect(parse(...args)).rejects.toThrow(message);
});
