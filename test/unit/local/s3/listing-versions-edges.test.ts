import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { BUCKET, startS3 } from './running-s3.ts';

const s3 = await startS3();
const operator = { s3: s3.operator };
const put = (Key: string, Body: string) =>
  operator.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

test('a listing of no keys is empty', async () => {
  await put('a.csv', 'x');
  const answer = await operator.s3.send(new ListObjectVersionsCommand({ Bucket: BUCKET, MaxKeys: 0 }));
  expect(answer.Versions ?? []).toEqual([]);
});

test('a listing continues within a key if the version at its marker was removed', async () => {
  const ids = [];
  for (const body of ['1', '2', '3']) ids.push((await put('many.csv', body)).VersionId!);
  const first = await operator.s3.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'many', MaxKeys: 1 }),
  );
  expect(first.NextVersionIdMarker).toBe(ids[2]);
  await operator.s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'many.csv', VersionId: ids[2]! }));
  const next = await operator.s3.send(
    new ListObjectVersionsCommand({
      Bucket: BUCKET,
      Prefix: 'many',
      KeyMarker: first.NextKeyMarker,
      VersionIdMarker: first.NextVersionIdMarker,
    }),
  );
  expect(next.Versions?.map(({ VersionId }) => VersionId)).toEqual([ids[1], ids[0]]);
});

test.each(['x\ry.csv', 'x\ny.csv', 'x\u0001y.csv', ' x .csv', 'x&#13;y.csv', 'x%41.csv', 'x.csv '])(
  'a listing returns the key %j unchanged',
  async (key) => {
    await put(`keys/${key}`, 'x');
    const answer = await operator.s3.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: `keys/${key.slice(0, 2)}` }),
    );
    expect(answer.Versions!.map(({ Key }) => Key)).toContain(`keys/${key}`);
  },
);
