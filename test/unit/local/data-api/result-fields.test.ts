import pg, { type FieldDef } from 'pg';
import { expect, test } from 'vitest';
import { readField } from '../../../../local/data-api/result-fields.ts';

const fieldOf = (dataTypeID: number) => ({ dataTypeID, name: 'a' }) as FieldDef;

test.each([
  ['9223372036854775807', '{"longValue":9223372036854775807}'],
  ['-9007199254740993', '{"longValue":-9007199254740993}'],
  ['9007199254740991', '{"longValue":9007199254740991}'],
])('the bigint %s is written with all its digits', (text, json) => {
  expect(JSON.stringify(readField(text, fieldOf(pg.types.builtins.INT8)))).toBe(json);
});

test('the items of an array of bigints are written with all their digits', () => {
  const INT8_ARRAY = 1016;
  const field = readField('{1,9223372036854775807}', fieldOf(INT8_ARRAY));
  expect(JSON.stringify(field)).toBe('{"arrayValue":{"longValues":[1,9223372036854775807]}}');
});
