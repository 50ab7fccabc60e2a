import { describe, expect, test } from 'vitest';
import { readEnvironment } from '../../../lambdas/contract/environment.ts';
import { uploadIdOf } from '../../../lambdas/contract/upload-id.ts';
import { buildUploadKey, parseUploadKey, rejectedFileKey } from '../../../lambdas/contract/upload-key.ts';

describe('an object key', () => {
  test('that was built is read as what it was built from', () => {
    const parts = { storeId: 'oslo-2', fileName: 'retail_01_01_2024.csv' };
    expect(parseUploadKey(buildUploadKey(parts))).toEqual(parts);
  });

  test.each([
    ['incoming/a.csv', { storeId: 'main', fileName: 'a.csv' }],
    ['incoming/2024/store=rome/day/a.csv', { storeId: 'rome', fileName: 'a.csv' }],
    ['incoming/store=/a.csv', undefined],
    ['incoming/store=a b/a.csv', undefined],
    ['rejected/store=rome/a.csv', undefined],
  ])('%s', (key, expected) => expect(parseUploadKey(key)).toEqual(expected));

  test('of the rejected rows keeps the day that the name says', () => {
    const upload = {
      key: 'incoming/store=rome/retail_01_01_2024.CSV',
      storeId: 'rome',
      uploadId: '12345678-9abc',
    };
    expect(rejectedFileKey(upload)).toBe('rejected/store=rome/retail_01_01_2024.rejected-12345678.csv');
  });
});

describe('an upload id', () => {
  test('is a UUID, the same for the same object version and another for every other', () => {
    const id = uploadIdOf('bucket', 'key', 'version');
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uploadIdOf('bucket', 'key', 'version')).toBe(id);
    const others = [
      uploadIdOf('bucke', 'tkey', 'version'),
      uploadIdOf('bucket', 'key', 'version2'),
      uploadIdOf('bucket', 'keyversion', ''),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });
});

test('an environment is read as it is named, and all that is missing is named at once', () => {
  const names = { a: 'FIRST', b: 'SECOND', c: 'THIRD' };
  expect(readEnvironment(names, { FIRST: '1', SECOND: '2', THIRD: '3', OTHER: 'x' })).toEqual({
    a: '1',
    b: '2',
    c: '3',
  });
  expect(() => readEnvironment(names, { FIRST: '1', SECOND: '' })).toThrow(
    'environment variables SECOND, THIRD',
  );
});
