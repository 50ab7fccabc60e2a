import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sliceMember, sliceParts } from '../../../../lambdas/api/json-slices.ts';

/** JSON of any value, with blanks as a person or a program may write them. */
const indent = fc.constantFrom(undefined, 1, '\t', '\r\n ');
const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', '\\', '{', ']', ',', ':') }),
);
const values = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });

test('the slices of an array parse to its elements', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(values, strings)), indent, (elements, space) => {
      const slices = sliceParts(JSON.stringify(elements, null, space));
      expect(slices.map((slice) => JSON.parse(slice))).toEqual(JSON.parse(JSON.stringify(elements)));
    }),
  );
});

test('the slice of a member parses to its value', () => {
  fc.assert(
    fc.property(values, strings, values, indent, (items, name, other, space) => {
      fc.pre(name !== 'items' && name !== '__proto__');
      const json = JSON.stringify({ [name]: other, items, last: [items] }, null, space);
      expect(JSON.parse(sliceMember(json, 'items')!)).toEqual(JSON.parse(JSON.stringify(items)));
    }),
  );
});

test.each([
  ['{"items":[1],"items":[2]}', 'twice'],
  ['{"items":[1],"\\u0069tems":[2]}', 'twice, once escaped'],
  ['{"other":{"items":[1]}}', 'deeper only'],
])('a member of %s, %s, is not found', (json) => {
  expect(sliceMember(json, 'items')).toBeUndefined();
});

test('a slice has the digits that were written', () => {
  expect(sliceParts('[ 1.10 , 1E400, {"a" : 0.30} ]')).toEqual(['1.10', '1E400', '{"a" : 0.30}']);
});
