import { expect, test } from 'vitest';
import { readWork } from '../../../../lambdas/parse/work.ts';

const uploadsIn = (text: string) => readWork(text, 'r1').map(({ upload }) => upload);
const record = (key: string, versionId?: string) => ({
  eventTime: '2024-01-31T10:00:00.000Z',
  s3: { bucket: { name: 'bucket' }, object: { key, versionId } },
});
const body = (...records: object[]) => JSON.stringify({ Records: records });

test('a key is decoded as S3 encodes it: a plus sign is a space, the rest is percent-encoded', () => {
  expect(uploadsIn(body(record('incoming/store%3Drome/my+caf%C3%A9%2B1.csv', 'v1')))).toMatchObject([
    {
      key: 'incoming/store=rome/my café+1.csv',
      storeId: 'rome',
      versionId: 'v1',
      receivedAt: '2024-01-31T10:00:00.000Z',
    },
  ]);
});

test('a time is normalized to one form', () => {
  const event = { ...record('incoming/a.csv', 'v1'), eventTime: '2024-01-31T10:00:00+00:00' };
  expect(uploadsIn(body(event))).toMatchObject([{ receivedAt: '2024-01-31T10:00:00.000Z' }]);
});

test('one message may announce several objects', () => {
  expect(uploadsIn(body(record('incoming/a.csv', '1'), record('incoming/b.csv', '2')))).toHaveLength(2);
});

test('the S3 test event and empty folder objects announce nothing', () => {
  expect(uploadsIn('{"Service":"Amazon S3","Event":"s3:TestEvent"}')).toEqual([]);
  expect(uploadsIn(body(record('incoming/store%3Drome/', 'v1')))).toEqual([]);
});

test.each([
  ['no JSON', 'hello'],
  ['no Records', '{"a":1}'],
  ['no Records', 'null'],
  ['bucket, key or time is missing', body({})],
  ['names no version', body(record('incoming/a.csv'))],
  ['is no time', body({ ...record('incoming/a.csv', 'v1'), eventTime: 'yesterday' })],
])('a message that is not an S3 event is refused permanently: %s', (reason, text) => {
  expect(() => uploadsIn(text)).toThrow(expect.objectContaining({ name: 'PermanentError' }));
  expect(() => uploadsIn(text)).toThrow(reason);
});
