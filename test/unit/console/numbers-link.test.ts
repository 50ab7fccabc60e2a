import { expect, test } from 'vitest';
import { hrefOfNumbers } from '../../../console/numbers-link.ts';

test.each([
  [['2025-03-15', '2025-03-15'], 'since=2025-03-09&until=2025-03-15'],
  [['2025-03-02', '2025-03-15', null, '2025-03-20'], 'since=2025-03-02&until=2025-03-20'],
])('the charts of a file with the days %j are those of %s', (days, range) => {
  const href = hrefOfNumbers({ uploadId: 'u1', store: 'oslo', days });
  expect(href).toBe(`#/numbers?store=oslo&${range}&upload=u1`);
});

test('without a day, the charts are those of the store', () => {
  expect(hrefOfNumbers({ uploadId: 'u1', store: 'oslo', days: [null, null] })).toBe('#/numbers?store=oslo');
});
