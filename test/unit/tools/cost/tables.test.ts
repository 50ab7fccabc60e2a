import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { readConsumption } from '../../../../tools/cost/consumption.ts';
import { UNITS } from '../../../../tools/cost/money.ts';
import { readPrices } from '../../../../tools/cost/prices.ts';
import { formatSizes } from '../../../../tools/cost/sizes.ts';

let sizes: string;
beforeAll(() => {
  sizes = formatSizes();
});

test('the README has the table that the command prints', () => {
  const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
  const [, table] =
    /<!-- costs: npm run cost -- --table -->\n([\s\S]*?)\n<!-- end of costs -->/.exec(readme) ?? [];
  expect(table, 'paste what npm run --silent cost -- --table prints').toBe(sizes);
});

test('every price says its unit, its source and its day, and the table its region', () => {
  const { region, prices } = readPrices();
  expect(region).toBe('us-east-1');
  for (const [name, { usd, per, source, date }] of Object.entries(prices)) {
    expect(Number(usd), name).toBeGreaterThan(0);
    expect(Object.keys(UNITS), name).toContain(per);
    expect(source, name).toMatch(/^https:\/\/\S+$/);
    expect(date, name).toMatch(/^20\d\d-\d\d-\d\d$/);
  }
});

test('what was measured is whole and not nothing', () => {
  const consumption = readConsumption();
  const numbers = JSON.stringify(consumption).match(/(?<=:)-?[\d.e+-]+/g)!;
  for (const number of numbers) expect(number).toMatch(/^\d+$/);
  const { perMillionRows, perFile } = consumption;
  for (const name of [
    'uploadedBytes',
    'sqsRequests',
    'messages',
    'dataApiRequests',
    'databaseBytes',
    'walBytes',
  ] as const) {
    expect(perMillionRows[name], name).toBeGreaterThan(0);
  }
  expect(perFile).toMatchObject({ s3Reads: 1, messages: 1, dataApiCalls: 1 });
});
