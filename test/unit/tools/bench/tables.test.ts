import { expect, test } from 'vitest';
import { median, percentile, perMillion, round } from '../../../../tools/bench/numbers.ts';
import { formatMarkdown, formatText, PART_NAMES, readResults } from '../../../../tools/bench/tables.ts';
import { combine } from '../../../../tools/cost/consumption.ts';
import { fillTables, readDocuments } from '../../../../tools/documents.ts';
import { RESULTS } from './results-fixture.ts';

test('every part has lines, each with a unit, and a document without results has none', () => {
  for (const name of PART_NAMES) {
    const [, , ...rows] = formatMarkdown(name, RESULTS).split('\n');
    expect(rows.length, name).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatch(/^\| \S.* \| [\d,.]+ \| \S+ \|/);
    expect(formatMarkdown(name, { schemaVersion: 2 }).split('\n')).toHaveLength(2);
  }
});

test('the table for the terminal shows values, ratios and numbers that were only counted', () => {
  const text = formatText(RESULTS);
  expect(text).toMatch(/pipeline +50,000 +rows\/s +0\.50 × COPY +measured/);
  expect(text).toMatch(/put to complete, median +20 +ms +2\.00 × COPY/);
  expect(text).toMatch(/check of a file in the page +50,000 +rows\/s +0\.50 × Node\.js/);
  expect(text).toMatch(/parse, 10,000 rows +110 +MiB +1\.10 × 1,000 rows/);
  expect(text).toMatch(/file of 5,000 rows +2,600 +requests +1\.00 × 1,000 rows +counted/);
});

test('a table of the documentation has the lines of its part, and says which numbers were counted', () => {
  const table = formatMarkdown('consumption', RESULTS);
  expect(table).toContain('| SQS requests of 64 KB, possible minimum | 2,000 | requests |  | counted |');
  expect(table).not.toContain('COPY');
  expect(formatMarkdown('throughput', RESULTS)).toMatch(
    /\| pipeline \| 50,000 \| rows\/s \| 0.50 × COPY \|$/,
  );
  expect(() => formatMarkdown('speed', RESULTS)).toThrow('there is no table "speed"');
});

test('a document gets each table between its marks and keeps the rest', () => {
  const before = 'one\n<!-- bench: memory -->\nold\n<!-- end of bench -->\ntwo\n';
  const fill = (text: string) => fillTables(text, 'bench', (name) => formatMarkdown(name, RESULTS));
  const after = fill(before);
  expect(after).toMatch(/^one\n<!-- bench: memory -->\n\| what \|/);
  expect(after).not.toContain('old');
  expect(after).toMatch(/<!-- end of bench -->\ntwo\n$/);
  expect(fill(after)).toBe(after);
});

test('the documents have the tables of docs/performance.json', () => {
  const results = readResults();
  const tables: string[] = [];
  for (const [path, text] of readDocuments()) {
    const filled = fillTables(text, 'bench', (name) => {
      tables.push(name);
      return formatMarkdown(name, results);
    });
    expect(text, `${path}: npm run bench -- --write writes it`).toBe(filled);
  }
  expect(tables).toEqual(expect.arrayContaining(PART_NAMES));
});

test('a percentile is the smallest measured value that covers the share', () => {
  const oneToHundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([0.5, 0.95, 1].map((share) => percentile(oneToHundred, share))).toEqual([50, 95, 100]);
  expect(percentile([7], 0.95)).toBe(7);
  expect(percentile([9, 100, 8], 0.5)).toBe(9);
  expect(median([3, 1, 2])).toBe(2);
  expect(() => percentile([], 0.5)).toThrow('no value was measured');
});

test('numbers are rounded in steps and scaled to a million rows', () => {
  expect(round(0.12345, 1_000)).toBe(0.123);
  expect(perMillion(8, 100_000)).toBe(80);
});

test('consumption is combined number by number, in nested objects too', () => {
  const one = { messages: 3, parse: { cpuMilliseconds: 10.5 } };
  const two = { messages: 5, parse: { cpuMilliseconds: 0.5 } };
  expect(combine(one, two, (value, other) => value - other)).toEqual({
    messages: -2,
    parse: { cpuMilliseconds: 10 },
  });
});
