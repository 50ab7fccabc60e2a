import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  buildRejectedKey,
  buildUploadKey,
  hasNulSymbol,
  parseUploadKey,
  readDateFromName,
  removeEnding,
  STORE_PATTERN,
  toStorableKey,
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

it('a key with NUL is stored with a symbol in its place, which shows that the object has another key', () => {
  expect(toStorableKey('incoming/a\0b\0.csv')).toBe('incoming/a␀b␀.csv');
  expect(hasNulSymbol('incoming/a␀b.csv')).toBe(true);
  expect(hasNulSymbol('incoming/ab.csv')).toBe(false);
});

describe('readDateFromName', () => {
  it.each([
    ['retail_15_01_2022.csv', '2022-01-15'],
    ['Retail_15_01_2022_evening.TXT', '2022-01-15'],
    ['retail_15_01_2022.csv.gz', '2022-01-15'],
    ['retail_29_02_2023.csv', undefined],
    ['retail_1_01_2022.csv', undefined],
    ['retail_15_01_2022_late till 3.csv', '2022-01-15'],
    ['RETAIL_29_02_2024.CSV', '2024-02-29'],
    ['retail_15_01_2022.zip', '2022-01-15'],
    ['retail_2022-01-15.csv', '2022-01-15'],
    ['retail_20220115.csv', '2022-01-15'],
    ['retail_2022_01_15_evening.csv', '2022-01-15'],
    ['store12_retail_15_01_2022.csv', '2022-01-15'],
    ['retail_15_01_2022 and retail_2022-01-15.csv', '2022-01-15'],
    ['retail_15_01_2022 and retail_16_01_2022.csv', undefined],
    ['retail_15_01_20222.csv', undefined],
    ['retail_2022-01_15.csv', undefined],
    ['retail_15-01-2022.csv', undefined],
    ['Bioretail_15_01_2022.csv', undefined],
    ['sales_15_01_2022.csv', undefined],
    ['retail_15_01_2022.pdf', undefined],
    ['retail_15_01_2022.xlsx', '2022-01-15'],
    ['sales.csv', undefined],
  ])('reads the date of %s as %s', (fileName, date) => {
    expect(readDateFromName(fileName)).toBe(date);
  });
});

test.each([
  ['Z_250115.csv', '2025-01-15'],
  ['z_250115.rejected-0a1b2c3d-2.csv', '2025-01-15'],
  ['Z_251315.csv', undefined],
  ['retail_15_01_2022.csv', '2022-01-15'],
])('the pattern of a profile finds the day of %s: %s', (fileName, date) => {
  expect(readDateFromName(fileName, String.raw`^Z_(?<year>\d\d)(?<month>\d\d)(?<day>\d\d)\.csv$`)).toBe(date);
});

describe('removeEnding', () => {
  it.each([
    ['a.csv', 'a'],
    ['a.TSV', 'a'],
    ['a.txt.gz', 'a'],
    ['a.zip', 'a'],
    ['a.csv.csv', 'a.csv'],
    ['a.gz.csv', 'a.gz'],
    ['a.csv.xls', 'a.csv.xls'],
    ['acsv', 'acsv'],
  ])('makes %s into %s', (fileName, stem) => {
    expect(removeEnding(fileName)).toBe(stem);
  });
});

describe('buildRejectedKey', () => {
  it.each([
    ['incoming/store=paris-12/2024/sales.csv.gz', 1, 'rejected/store=paris-12/sales.rejected-01234567.csv'],
    ['incoming/store=paris-12/sales.csv', 2, 'rejected/store=paris-12/sales.rejected-01234567-2.csv'],
    ['incoming/store=paris-12/', 1, 'rejected/store=paris-12/upload.rejected-01234567.csv'],
  ])('has the store and the name of %s, and the id of the upload', (key, firstBatch, expected) => {
    const upload = { key, storeId: 'paris-12', uploadId: '01234567-89ab-4cde-8f01-23456789abcd' };
    expect(buildRejectedKey(upload, firstBatch)).toBe(expected);
  });

  it('does not cut a character in two', () => {
    const upload = uploadOf(`incoming/${'x'.repeat(199)}🧀.csv`);
    expect(buildRejectedKey(upload, 1)).toContain(`${'x'.repeat(199)}\ufffd.rejected-`);
  });

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
