import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, startFaultyGateway } from './faulty-gateway.ts';

const { begin, asked, operator } = await startFaultyGateway();
const put = (Key: string, Body: string) =>
  operator.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

test.each([
  ['error', { kind: 'error', when: 'after', code: 'X', status: 500 }],
  ['reset', { kind: 'reset', when: 'after' }],
  ['crash', { kind: 'crash', when: 'after' }],
] as const)('the caller receives no listing with %s after it', async (_, fault) => {
  await put('a.csv', 'x');
  const { s3 } = begin(() => fault);
  await expect(s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET }))).rejects.toThrow();
});

test.each([0, 10, 50_000, 900_000])(
  'the caller does not receive all of an object of %i bytes with a reset after it',
  async (size) => {
    await put('small.csv', 'x'.repeat(size));
    const { s3 } = begin(() => ({ kind: 'reset', when: 'after' }));
    const read = async () => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'small.csv' }));
      return (await Body!.transformToString()).length;
    };
    await expect(read()).rejects.toThrow();
  },
);

test('actions have the names of the API', async () => {
  const { s3 } = begin(() => undefined);
  const object = { Bucket: BUCKET, Key: 'small.csv' };
  await s3.send(new HeadObjectCommand(object));
  await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  await s3.send(new CopyObjectCommand({ ...object, CopySource: `${BUCKET}/small.csv` }));
  await s3.send(new DeleteObjectCommand(object));
  expect(asked.map(({ action }) => action)).toEqual([
    'HeadObject',
    'ListObjectsV2',
    'CopyObject',
    'DeleteObject',
  ]);
});
