import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildRejectedKey,
  buildUploadKey,
  parseUploadKey,
  readDateFromName,
  STORE_PATTERN,
} from '../../../../lambdas/core/upload-key.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

describe('parseUploadKey', () => {
  it('reads back every key that buildUploadKey writes', () => {
    const fileName = fc.string({ unit: 'grapheme' }).map((name) => name.replaceAll('/', '_'));
    fc.assert(
      fc.property(fc.stringMatching(STORE_PATTERN), fileName, (storeId, name) => {
        const key = buildUploadKey({ storeId, fileName: name });
        expect(parseUploadKey(key)).toEqual({ storeId, fileName: name });
      }),
    );
  });

  it.each([
    ['incoming/retail_15_01_2022.csv', 'main'],
    ['incoming/2022/01/retail_15_01_2022.csv', 'main'],
    ['incoming/store=lyon/2022/retail_15_01_2022.csv', 'lyon'],
    ['incoming/2022/store=lyon/retail_15_01_2022.csv', 'lyon'],
  ])('reads %s as a file of the store %s', (key, storeId) => {
    expect(parseUploadKey(key)).toEqual({ storeId, fileName: 'retail_15_01_2022.csv' });
  });

  it('takes no file name for a store', () => {
    expect(parseUploadKey('incoming/store=lyon')).toEqual({ storeId: 'main', fileName: 'store=lyon' });
  });

  it.each([
    'incoming/store=/a.csv',
    'incoming/store=a b/a.csv',
    'incoming/store=../a.csv',
    'incoming/store=*/a.csv',
    `incoming/store=${'a'.repeat(64)}/a.csv`,
    'incoming/store=a\n/a.csv',
    'rejected/store=a/a.csv',
    'Incoming/a.csv',
    'a.csv',
    '',
  ])('refuses %j', (key) => {
    expect(parseUploadKey(key)).toBeUndefined();
  });
});

describe('buildRejectedKey', () => {
  it('keeps the date that the name of the original says', () => {
    for (const name of ['retail_15_01_2022.csv', 'RETAIL_15_01_2022_b.CSV', 'retail_15_01_2022.csv.csv']) {
      const fileName = buildRejectedKey(uploadOf(`incoming/${name}`), 1)
        .split('/')
        .at(-1)!;
      expect(readDateFromName(fileName)).toBe('2022-01-15');
    }
  });

  it('differs for two objects of one name in two folders', () => {
    const morning = buildRejectedKey(uploadOf('incoming/store=paris-12/morning/a.csv'), 1);
    expect(buildRejectedKey(uploadOf('incoming/store=paris-12/evening/a.csv'), 1)).not.toBe(morning);
  });

  it('differs for two parts of one upload, and keeps the date', () => {
    const upload = uploadOf('incoming/retail_15_01_2022.csv');
    const second = buildRejectedKey(upload, 12);
    expect(second).not.toBe(buildRejectedKey(upload, 1));
    expect(readDateFromName(second.split('/').at(-1)!)).toBe('2022-01-15');
  });

  it('is never longer than a key may be', () => {
    const prefix = 'incoming/store=paris-12/';
    const key = `${prefix}${'x'.repeat(1_024 - prefix.length - 4)}.csv`;
    expect(Buffer.byteLength(buildRejectedKey(uploadOf(key), 1))).toBeLessThanOrEqual(1_024);
  });
});
