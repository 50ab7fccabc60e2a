import { readFile } from 'node:fs/promises';
import { App } from 'aws-cdk-lib';
import { beforeAll, expect, test } from 'vitest';
import { readSettings } from '../../lib/settings.ts';

let context: Record<string, unknown>;
beforeAll(async () => {
  const text = await readFile(new URL('../../cdk.json', import.meta.url), 'utf8');
  context = (JSON.parse(text) as { context: Record<string, unknown> }).context;
});

const read = (changes: Record<string, unknown>) =>
  readSettings(new App({ context: { ...context, ...changes } }).node);

test('the settings of cdk.json are right', () => {
  expect(read({})).toMatchObject({ taxPercent: '20', consumerConcurrency: 4, databaseMinAcu: 0 });
});

test('a value from the command line is text, and is read as what it means', () => {
  expect(read({ 'retail:consumerConcurrency': '8', 'retail:taxPercent': '5.5' })).toMatchObject({
    consumerConcurrency: 8,
    taxPercent: '5.5',
  });
});

test.each([
  ['retail:taxPercent', 'twenty', 'a percentage such as 20 or 5.5'],
  ['retail:consumerConcurrency', 1, '>=2'],
  ['retail:logRetentionDays', 8, 'one of 1, 3, 5, 7'],
  ['retail:databaseMinAcu', 64, 'must not be above retail:databaseMaxAcu'],
  ['retail:databaseMaxAcu', 1.3, 'multiple of 0.5'],
])('%s = %j is refused with what is allowed', (name, value, allowed) => {
  const refused = () => read({ [name]: value });
  expect(refused).toThrow(name);
  expect(refused).toThrow(allowed);
});

test('a missing setting is named with its meaning', () => {
  const { 'retail:taxPercent': _, ...rest } = context;
  expect(() => readSettings(new App({ context: rest }).node)).toThrow(
    'retail:taxPercent: missing; it is the tax on every amount, in percent',
  );
});

test('a setting that nobody knows is refused, with those that there are', () => {
  expect(() => read({ 'retail:taxPercentage': 7 })).toThrow(
    /retail:taxPercentage: unknown; the settings are .*retail:taxPercent/,
  );
});
