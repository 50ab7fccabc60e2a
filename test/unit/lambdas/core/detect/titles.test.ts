import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FILE_COLUMNS } from '../../../../../lambdas/core/columns.ts';
import { COMMON_COLUMN_OF, normalizeTitle } from '../../../../../lambdas/core/detect/titles.ts';

const columnOf = (title: string) =>
  FILE_COLUMNS[COMMON_COLUMN_OF.get(normalizeTitle(title)) ?? -1]?.titles[0];

test('no title means two columns', () => {
  const path = new URL('../../../../../lambdas/core/detect/titles.ts', import.meta.url);
  const lists = readFileSync(path, 'utf8').matchAll(/^ {2}(\w+): `([^`]*)`/gm);
  const seen = new Map<string, string>();
  for (const [, column, list] of lists) {
    for (const title of list!.split(',').map(normalizeTitle)) {
      expect(title).not.toBe('');
      expect([undefined, column], title).toContain(seen.get(title));
      seen.set(title, column!);
    }
  }
  expect(new Set(seen.values()).size).toBe(FILE_COLUMNS.length);
  for (const { titles } of FILE_COLUMNS) expect(columnOf(titles[0])).toBe(titles[0]);
});

test.each([
  ['Amount excl tax', 'amount_excl_tax'],
  ['Montant HT (€)', 'amount_excl_tax'],
  ['  MONTANT  H.T. ', undefined],
  ['Bedrag excl. BTW', 'amount_excl_tax'],
  ['Wartość brutto [PLN]', 'amount_inc_tax'],
  ['Beløb inkl. moms', 'amount_inc_tax'],
  ['Quantité', 'quantity'],
  ['Mængde', 'quantity'],
  ["Nom de l'article", 'description'],
  ["'name'", undefined],
  ['Price (Gross)', 'amount_inc_tax'],
  ['Gross Sales', undefined],
  ['Price', undefined],
  ['Transaction-ID', 'id'],
  ['', undefined],
])('the title %j means %s', (title, column) => expect(columnOf(title)).toBe(column));
