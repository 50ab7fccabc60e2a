import { expect, test } from 'vitest';
import { readExpression, type Values } from '../../../../local/monitoring/metric-math.ts';

const compute = (expression: string, values: Values) =>
  readExpression(expression, Object.keys(values))(values);

test.each([
  ['a', { a: 3 }, 3],
  ['a', { a: undefined }, undefined],
  ['100 * a / b', { a: 1, b: 4 }, 25],
  ['a / b', { a: 1, b: 0 }, undefined],
  ['a / b', { a: 1, b: undefined }, undefined],
  ['a - b - 1', { a: 10, b: 3 }, 6],
  ['1 + a * 2', { a: 3 }, 7],
  ['(1 + a) * 2', { a: 3 }, 8],
  ['FILL(a, 0) + FILL(b, 0)', { a: undefined, b: 2 }, 2],
  ['IF(a > 0 AND b < 1, 1, 0)', { a: 2, b: 0 }, 1],
  ['IF(a > 0 AND b < 1, 1, 0)', { a: 2, b: 1 }, 0],
  ['IF(a > 0 OR b < 1, 1, 0)', { a: 2, b: 1 }, 1],
  ['IF(a > 0, 1, 0)', { a: undefined }, undefined],
  ['IF(a >= 10, 100 * a / b, 0)', { a: 10, b: 40 }, 25],
  ['IF(a >= 10, 100 * a / b, 0)', { a: 0, b: 0 }, 0],
  ['a == 2.5', { a: 2.5 }, 1],
  ['a != 2.5', { a: 2.5 }, 0],
  ['a <= 2', { a: 3 }, 0],
])('%s of %j is %s', (expression, values, expected) => {
  expect(compute(expression, values)).toBe(expected);
});

test.each([
  'b',
  'a +',
  'a a',
  '(a',
  'FILL(a)',
  'FILL(a, REPEAT)',
  'IF(a, 1)',
  'RATE(a)',
  'a && a',
  'METRICS()',
  '',
  'constructor',
  'SUM([a, a])',
])('"%s" is refused', (expression) => {
  expect(() => readExpression(expression, ['a'])).toThrow('the local cloud does not know');
});
