import { describe, expect, test } from 'vitest';
import { createItemCheck } from '../../../../lambdas/core/items.ts';
import { DEFAULT_RULES } from '../../../../lambdas/core/rules.ts';

const ITEM = {
  id: '00000000-0000-4000-8000-000000000001',
  transaction_date: '2025-03-15',
  category: 'SELL',
  description: 'Tea',
  quantity: 2,
  amount_excl_tax: 10,
  amount_inc_tax: '12.00',
};
const RECEIVED_AT = '2025-03-15T00:00:00Z';
const check = createItemCheck(DEFAULT_RULES, RECEIVED_AT);
const strict = createItemCheck({ ...DEFAULT_RULES, unknownColumns: 'refuse' }, RECEIVED_AT);

/** Writes an item; a value of `raw` is written as it is. */
function write(item: object, raw: Record<string, string> = {}): string {
  const values = Object.entries(item).map(([name, value]) => [name, JSON.stringify(value)] as const);
  const members = [...values.filter(([name]) => !(name in raw)), ...Object.entries(raw)];
  return `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}
const codesOf = (line: string, judge = check) =>
  judge(line).problems.map(({ column, code }) => (column === '' ? code : `${column} ${code}`));

test.each([
  ['canonical names', write(ITEM)],
  ['the alias of a name', write(ITEM).replace('description', 'name')],
  [
    'blanks between all tokens',
    `\t{ "id" :\t"${ITEM.id}" , ${write(ITEM)
      .slice(1)
      .replace(/"id":"[^"]*",/, '')} \r`,
  ],
  ['members without a meaning', write({ ...ITEM, till: { lines: ['}', '{"'], deep: [[1]] }, paid: true })],
  ['a member __proto__', write(ITEM).replace('{', '{"__proto__":{"id":1},')],
  ['escapes', write(ITEM).replace('"id"', '"\\u0069d"').replace('Tea', 'T\\u00e9 \\"\\\\\\/\\n')],
])('an item with %s is valid', (_what, line) => {
  expect(check(line)).toEqual({ problems: [] });
});

test('one sentence names all missing members, before the other problems', () => {
  expect(
    check('{"id":"","category":null,"quantity":0,"amount_excl_tax":1,"amount_inc_tax":1.2}').message,
  ).toMatch(
    /^The members id, transaction_date, category and description are missing\. quantity: The quantity "0" is not /,
  );
  expect(check(write({ ...ITEM, category: '' })).message).toMatch(
    /^The category is empty, not SELL or BUY\./,
  );
  expect(check('[]').message).toMatch(/^The line is JSON but not an object/);
});

describe('values', () => {
  test.each([
    ['10.10', '12.12', []],
    ['10.1', '12.12', []],
    ['"10,10"', '12.12', []],
    ['10.000000000000000001', '12', ['amount_excl_tax amount-invalid']],
    ['10.100', '12.12', ['amount_excl_tax amount-invalid']],
    ['"10.100"', '12.12', ['amount_excl_tax amount-ambiguous']],
    ['1e1', '12', ['amount_excl_tax amount-invalid']],
    ['1E400', '12', ['amount_excl_tax amount-invalid']],
    ['-0', '0', []],
    ['-10', '-12', ['quantity return-signs-differ']],
    ['12345678901234567890', '12', ['amount_excl_tax amount-invalid']],
    ['null', '12', ['amount_excl_tax amount-invalid']],
    ['"10 €"', '12', ['amount_excl_tax currency-mismatch']],
    ['true', '12', ['amount_excl_tax json-value-invalid']],
    ['[10]', '12', ['amount_excl_tax json-value-invalid']],
    ['{"a":"]"}', '12', ['amount_excl_tax json-value-invalid']],
  ])('an amount of %s, %s with tax, has the problems %j', (excl, inc, problems) => {
    expect(codesOf(write(ITEM, { amount_excl_tax: excl, amount_inc_tax: inc }))).toEqual(problems);
  });

  test.each([
    ['2.000', []],
    ['-2.000', ['quantity return-signs-differ']],
    ['1.2345', ['quantity quantity-invalid']],
    ['"2.000"', ['quantity quantity-ambiguous']],
    ['2.0', []],
    ['1000000000', ['quantity quantity-invalid']],
    ['"2"', []],
  ])('a quantity of %s has the problems %j', (quantity, problems) => {
    expect(codesOf(write(ITEM, { quantity }))).toEqual(problems);
  });

  test.each([
    ['1.000', []],
    ['"\\u0000"', ['description name-invalid']],
    ['"\\ud83c"', ['description name-not-utf8']],
    ['"\\ud83c\\udf75"', []],
    ['""', ['description name-missing']],
    ['null', ['description name-missing']],
  ])('a description of %s has the problems %j', (description, problems) => {
    expect(codesOf(write(ITEM, { description }))).toEqual(problems);
  });

  test('an item has all its problems, also without any member', () => {
    expect(codesOf('{}')).toEqual([
      'id id-missing',
      'transaction_date date-missing',
      'category category-unknown',
      'description name-missing',
      'quantity quantity-invalid',
      'amount_excl_tax amount-invalid',
      'amount_inc_tax amount-invalid',
    ]);
  });
});

test.each([
  ['', 'json-malformed'],
  ['{', 'json-malformed'],
  ['{"id":1', 'json-malformed'],
  ['{"id":1,}', 'json-malformed'],
  ['{"id":1}{"id":2}', 'json-malformed'],
  ['{"id":01}', 'json-malformed'],
  ['{"id":.5}', 'json-malformed'],
  ['{"id":NaN}', 'json-malformed'],
  ["{'id':1}", 'json-malformed'],
  ['{"id":"a\tb"}', 'json-malformed'],
  ['{"id":"\\x41"}', 'json-malformed'],
  ['{"id":"a\u0000b"}', 'json-malformed'],
  ['{"a":[1}', 'json-malformed'],
  ['{"a":[1]', 'json-malformed'],
  ['\ufeff{"id":1}', 'json-malformed'],
  ['[{"id":1}]', 'json-not-object'],
  ['"id"', 'json-not-object'],
  ['null', 'json-not-object'],
  ['{"id":1,"id":1}', 'json-member-duplicated'],
  ['{"id":null,"id":1}', 'json-member-duplicated'],
  ['{"id":1,"\\u0069d":1}', 'json-member-duplicated'],
  ['{"name":1,"description":1}', 'json-member-duplicated'],
  ['{"a":1,"a":[]}', 'json-member-duplicated'],
])('%s is %s as a whole', (line, code) => {
  expect(codesOf(line)).toEqual([code]);
});

test('a line of more than 65,536 characters is too long', () => {
  const frame = write({ ...ITEM, till: '' }).length;
  expect(codesOf(write({ ...ITEM, till: 'x'.repeat(65_536 - frame) }))).toEqual([]);
  expect(codesOf(write({ ...ITEM, till: 'x'.repeat(65_537 - frame) }))).toEqual(['row-too-long']);
});

test('a member without a meaning is a problem if the settings refuse it', () => {
  const [problem] = strict(write({ ...ITEM, till: [1] })).problems;
  expect(problem).toEqual({
    column: 'till',
    code: 'json-member-unknown',
    message:
      'The item has the member "till" that the settings do not allow. Remove it, or set retail:unknownColumns to "ignore".',
  });
  expect(strict(write(ITEM)).problems).toEqual([]);
});

test('a message names a hostile member shortened and without control characters', () => {
  const [problem] = strict(write({ ...ITEM, [`\0\u001b${'x'.repeat(1_000)}`]: 1 })).problems;
  expect(problem?.column).toBe(`␀␛${'x'.repeat(58)}…`);
});

test.each([
  ['arrays', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['objects', `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`],
  ['escapes', `"${'\\n'.repeat(32_000)}"`],
])('%s as deep or long as a line allows are read in a short time', (_what, till) => {
  const start = performance.now();
  expect(codesOf(write(ITEM, { till }))).toEqual([]);
  expect(codesOf(write(ITEM, { till: till.slice(0, -1) }))).toEqual(['json-malformed']);
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('a line of many nested values is read in a short time', () => {
  const start = performance.now();
  const members = Array.from({ length: 6_000 }, (_, index) => `"${index}":[]`);
  expect(codesOf(`{${members.join(',')}}`)).toContain('id id-missing');
  expect(performance.now() - start).toBeLessThan(1_000);
});

test('a string without its end is judged in little time', () => {
  const started = performance.now();
  for (const text of ['x'.repeat(32), 'x'.repeat(60_000), '\\n'.repeat(30_000), 'x\\n'.repeat(20_000)]) {
    expect(codesOf(`{"description":"${text}`)).toEqual(['json-malformed']);
    expect(codesOf(`{"a":["${text}`)).toEqual(['json-malformed']);
  }
  expect(performance.now() - started).toBeLessThan(2_000);
});
