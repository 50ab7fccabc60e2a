import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../../../lambdas/shared/errors.ts';
import { computeFileId, computeUploadId } from '../../../../lambdas/shared/upload-id.ts';
import {
  buildS3Event,
  createUpload,
  encodeCheckpoint,
  readUploadMessage,
} from '../../../../lambdas/shared/upload-message.ts';
import { uploadOf } from '../../../support/upload-fixture.ts';

const uploadsIn = (text: string) => readUploadMessage(text).map(({ object }) => createUpload(object, 'r1'));
const record = (key: unknown, versionId?: string) => ({
  eventTime: '2024-01-31T10:00:00.000Z',
  s3: { bucket: { name: 'bucket' }, object: { key, versionId } },
});
const body = (...records: unknown[]) => JSON.stringify({ Records: records });

describe('an S3 event', () => {
  test('has keys as S3 encodes them: a plus sign is a blank, the rest is percent-encoded', () => {
    expect(uploadsIn(body(record('incoming/store%3Drome/my+caf%C3%A9%2B1.csv', 'v1')))).toEqual([
      {
        uploadId: computeUploadId({
          bucket: 'bucket',
          key: 'incoming/store=rome/my café+1.csv',
          versionId: 'v1',
          revision: 'r1',
        }),
        fileId: computeFileId({
          bucket: 'bucket',
          key: 'incoming/store=rome/my café+1.csv',
          versionId: 'v1',
        }),
        bucket: 'bucket',
        key: 'incoming/store=rome/my café+1.csv',
        storeId: 'rome',
        versionId: 'v1',
        revision: 'r1',
        receivedAt: '2024-01-31T10:00:00.000Z',
      },
    ]);
  });

  test('of any object is read as it was built', () => {
    const key = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.endsWith('/'));
    fc.assert(
      fc.property(key, (name) => {
        const object = {
          bucket: 'b',
          key: `incoming/${name}x`,
          versionId: 'v',
          receivedAt: '2024-01-31T10:00:00.000Z',
        };
        expect(uploadsIn(JSON.stringify(buildS3Event(object)))).toMatchObject([object]);
      }),
    );
  });

  test('is built as S3 sends it', () => {
    const object = {
      bucket: 'b',
      key: 'a b/c+d.csv',
      versionId: 'v',
      receivedAt: '2024-01-31T10:00:00.000Z',
    };
    expect(buildS3Event(object)).toEqual({
      Records: [
        {
          eventSource: 'aws:s3',
          eventTime: '2024-01-31T10:00:00.000Z',
          s3: { bucket: { name: 'b' }, object: { key: 'a+b/c%2Bd.csv', versionId: 'v' } },
        },
      ],
    });
  });

  test('about a store that is not allowed is an upload of that store', () => {
    expect(uploadsIn(body(record('incoming/store%3Da+b/c.csv', 'v1')))).toMatchObject([{ storeId: 'a b' }]);
  });

  test('about a key with a NUL has the symbol for NUL, in the same store', () => {
    const upload = { key: 'incoming/store=oslo/a\u2400b.csv', storeId: 'oslo' };
    expect(uploadsIn(body(record('incoming/store%3Doslo/a%00b.csv', 'v1')))).toMatchObject([upload]);
  });

  test('has times in one form', () => {
    const event = { ...record('incoming/a.csv', 'v1'), eventTime: '2024-01-31T10:00:00+00:00' };
    expect(uploadsIn(body(event))).toMatchObject([{ receivedAt: '2024-01-31T10:00:00.000Z' }]);
  });

  test('may name the settings to read by', () => {
    const object = {
      bucket: 'b',
      key: 'incoming/a.csv',
      versionId: 'v',
      receivedAt: '2024-01-31T10:00:00.000Z',
    };
    expect(readUploadMessage(JSON.stringify(buildS3Event(object, 'current')))).toEqual([
      { object, settings: 'current' },
    ]);
    expect(readUploadMessage(JSON.stringify(buildS3Event(object)))).toEqual([{ object }]);
  });

  test('may announce several objects', () => {
    expect(uploadsIn(body(record('incoming/a.csv', '1'), record('incoming/b.csv', '2')))).toHaveLength(2);
  });

  test('announces nothing if it is a test event, or about the empty objects of folders', () => {
    expect(uploadsIn('{"Service":"Amazon S3","Event":"s3:TestEvent"}')).toEqual([]);
    expect(uploadsIn(body(record('incoming/store%3Drome/', 'v1')))).toEqual([]);
  });
});

// A retry of such a message would fail for days.
test.each([
  ['text', 'hello', 'not an S3 event: the message is not JSON'],
  ['a number', '42', 'not an S3 event: no Records'],
  ['a JSON text', '"Records"', 'not an S3 event: no Records'],
  ['null', 'null', 'not an S3 event: no Records'],
  ['an object without Records', '{"a":1}', 'not an S3 event: no Records'],
  ['Records that are not an array', '{"Records":{}}', 'not an S3 event: no Records'],
  ['a checkpoint without its upload', '{"checkpoint":{}}', 'not an S3 event: no Records'],
  ['an upload without its checkpoint', '{"upload":{}}', 'not an S3 event: no Records'],
  ['a record that is a number', body(1), 'not an S3 event: bucket, key or time is missing'],
  ['a record that is null', body(null), 'not an S3 event: bucket, key or time is missing'],
  ['an empty record', body({}), 'not an S3 event: bucket, key or time is missing'],
  ['a record without bucket and object', body({ s3: {} }), 'not an S3 event: bucket, key or time is missing'],
  ['a key that is not a text', body(record(7)), 'not an S3 event: bucket, key or time is missing'],
  ['an empty key', body(record('', 'v1')), 'not an S3 event: bucket, key or time is missing'],
  [
    'a record without a version',
    body(record('incoming/a.csv')),
    'the S3 event for incoming/a.csv has no version: enable versioning on the bucket',
  ],
  [
    'a time that is not a date',
    body({ ...record('incoming/a.csv', 'v1'), eventTime: 'yesterday' }),
    'not an S3 event: the time yesterday is not a date',
  ],
  [
    'a key that is not URL-encoded',
    body(record('incoming/100%.csv', 'v1')),
    'not from S3: the key incoming/100%.csv is not URL-encoded',
  ],
  [
    'a key in another encoding than UTF-8',
    body(record('incoming/%E9.csv', 'v1')),
    'not from S3: the key incoming/%E9.csv is not URL-encoded',
  ],
])('%s is refused for good, with its reason', (_what, text, reason) => {
  expect(() => uploadsIn(text)).toThrow(PermanentError);
  expect(() => uploadsIn(text)).toThrow(reason);
});

test('a message that cannot be read is refused with the cause', () => {
  const thrownBy = (text: string) => {
    try {
      return uploadsIn(text);
    } catch (error) {
      return error;
    }
  };
  expect(thrownBy('hello')).toMatchObject({ cause: expect.any(SyntaxError) });
  expect(thrownBy(body(record('incoming/100%.csv', 'v1')))).toMatchObject({ cause: expect.any(URIError) });
});

test('a checkpoint continues its upload, by the same settings', () => {
  const { bucket, key, versionId, receivedAt } = uploadOf();
  const task = { upload: { ...uploadOf(), revision: 'c0de-5e77' }, checkpoint: { batch: 7 } as never };
  expect(readUploadMessage(encodeCheckpoint(task))).toEqual([
    { object: { bucket, key, versionId, receivedAt }, settings: '5e77', continued: task },
  ]);
});

const computeId = (bucket: string, key: string, versionId: string, revision: string) =>
  computeUploadId({ bucket, key, versionId, revision });

describe('the id of an upload', () => {
  test('is the same UUID of version 8 each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, versionId) => {
        const id = computeId('bucket', key, versionId, 'r1');
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(computeId('bucket', key, versionId, 'r1')).toBe(id);
      }),
    );
  });

  test('stays the same across releases, since the ledger identifies uploads by it', () => {
    // printf '["b","k","v","r1"]' | sha256sum
    expect(computeId('b', 'k', 'v', 'r1')).toBe('539fccfb-fd00-8cb6-bbc9-7010670efb1d');
  });

  test('differs if bucket, key, version or revision differ, even when their concatenation is equal', () => {
    const ids = [
      computeId('a', 'b', 'c', 'r1'),
      computeId('ab', '', 'c', 'r1'),
      computeId('a', 'bc', '', 'r1'),
      computeId('', 'ab', 'c', 'r1'),
      computeId('a","b', '', 'c', 'r1'),
      computeId('a', 'b', 'd', 'r1'),
      computeId('a', 'b', 'c', 'r2'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
