import { expect, it } from 'vitest';
import { readWork } from '../../../../lambdas/parse/work.ts';
import { PermanentError } from '../../../../lambdas/shared/errors.ts';

const uploadsIn = (text: string) => readWork(text, 'r1');

function record(key: unknown) {
  const object = { key, versionId: 'v1' };
  return { eventTime: '2022-01-15T09:30:00.000Z', s3: { bucket: { name: 'uploads' }, object } };
}
const bodyOf = (...records: unknown[]) => JSON.stringify({ Records: records });

// The parser takes every other error for one that passes, and would try such a message again for days.
it.each([
  ['a number', '42'],
  ['a text', '"Records"'],
  ['records that are no array', '{"Records":{}}'],
  ['a record that is a number', bodyOf(1)],
  ['a record that is null', bodyOf(null)],
  ['a record whose key is no text', bodyOf(record(7))],
  ['a key that is not URL-encoded', bodyOf(record('incoming/100%.csv'))],
  ['a key that is encoded in something else than UTF-8', bodyOf(record('incoming/%E9.csv'))],
])('refuses %s permanently, since a retry cannot help', (_what, body) => {
  expect(() => uploadsIn(body)).toThrow(PermanentError);
});
