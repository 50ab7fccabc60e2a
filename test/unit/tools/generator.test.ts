import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { generateCsv, generateNdjson } from '../../../tools/generator/generator.ts';
import { createTools } from '../../../tools/main.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const text = (options: Parameters<typeof generateCsv>[0]) => [...generateCsv(options)].join('');

test.each([
  ['retail_history.csv', { rows: 300, seed: 1, date: '2025-03-14', days: 14, broken: 0 }],
  ['retail_15_03_2025.csv', { rows: 60, seed: 2, date: '2025-03-15', days: 1, broken: 0 }],
  ['retail_16_03_2025.csv', { rows: 60, seed: 3, date: '2025-03-16', days: 1, broken: 4 }],
])('%s is the output of the generator', async (name, options) => {
  expect(await readFile(new URL(`../../../samples/${name}`, import.meta.url), 'utf8')).toBe(text(options));
});

test('ids never repeat within a file, nor between files of different seeds', () => {
  const ids = [1, 2].flatMap((seed) => {
    const csv = text({ rows: 20_000, seed, date: '2025-01-01', days: 1, broken: 0 });
    return csv
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.slice(0, 36));
  });
  expect(new Set(ids).size).toBe(40_000);
});

test('JSON lines have the same transactions as the CSV, each with its day', () => {
  const options = { rows: 50, seed: 1, date: '2025-03-02', days: 5, broken: 5 };
  const items = [...generateNdjson(options)].join('').trim().split('\n');
  const values = items.map((line) => Object.values(JSON.parse(line) as object).map(String));
  const csv = Papa.parse<string[]>(text(options).trim()).data.slice(1);
  expect(values.map((fields) => fields.slice(0, 5))).toEqual(csv.map((fields) => fields.slice(0, 5)));
  expect(items[0]).toMatch(/"quantity":\d,"amount_excl_tax":\d+\.\d\d,"amount_inc_tax":\d+\.\d\d\}$/);
});

test('dates are spread up to the last one', () => {
  const csv = text({ rows: 10, seed: 1, date: '2025-03-02', days: 5, broken: 0 });
  const days = csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.slice(0, 10));
  expect([...new Set(days)]).toEqual(['2025-02-26', '2025-02-27', '2025-02-28', '2025-03-01', '2025-03-02']);
});

test('files of two days share no id, unless their seed is the same', async () => {
  const dir = temporaryDir();
  const readIds = async (...args: string[]) => {
    const out = join(dir, 'generated.csv');
    await createTools().parseAsync(['generate', '--rows', '5', ...args, '--out', out], { from: 'user' });
    return (await readFile(out, 'utf8')).match(/^[0-9a-f-]{36}/gm);
  };
  const first = await readIds('--date', '2025-03-14');
  expect(first).toHaveLength(5);
  expect(new Set([...first!, ...(await readIds('--date', '2025-03-15'))!]).size).toBe(10);
  expect(await readIds('--date', '2025-03-15', '--seed', '20250314')).toEqual(first);
});
