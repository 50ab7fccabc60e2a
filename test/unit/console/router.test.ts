import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hrefOf, readRoute, type ScreenName } from '../../../console/router.ts';

test.each([
  ['', { screen: 'drop', query: {} }],
  ['#/', { screen: 'drop', query: {} }],
  ['#/files?store=oslo&status=failed', { screen: 'files', query: { store: 'oslo', status: 'failed' } }],
  ['#/files/4f1c', { screen: 'upload', id: '4f1c', query: {} }],
  ['#/files/4f1c/fix?after=2', { screen: 'fix', id: '4f1c', query: { after: '2' } }],
  ['#/nowhere', { screen: 'drop', query: {} }],
  ['#/files/a/b/c', { screen: 'drop', query: {} }],
  ['#/files/%ff', { screen: 'upload', id: '%ff', query: {} }],
])('the address %j is a place', (hash, route) => {
  expect(readRoute(hash)).toEqual(route);
});

test('the address of a screen leads to it, whatever the id and the query are', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const screen = fc.constantFrom<ScreenName>('upload', 'fix');
  fc.assert(
    fc.property(screen, text, text, (name, id, value) => {
      const query = { store: value, empty: undefined };
      expect(readRoute(hrefOf(name, { id, query }))).toEqual({ screen: name, id, query: { store: value } });
    }),
  );
});
