import {
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandInput,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { addFunction, allow } from '../running-gateway.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const { operator, access, clientOf } = await startS3();

/** `key version`, in the order in which S3 lists them: by the bytes of the key, then the newest first. */
const listed: string[] = [];
beforeAll(async () => {
  const versions = new Map<string, string[]>();
  const note = (key: string, version: string) => versions.set(key, [version, ...(versions.get(key) ?? [])]);
  const keys = [
    'in/b.csv',
    'in/a.csv',
    'in/b.csv',
    'in/ä+ &<"\'>.csv',
    'in/B.csv',
    'in/b.csv',
    'in/🧀.csv',
    'in/',
  ];
  for (const Key of keys) {
    const { VersionId } = await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    note(Key, VersionId!);
  }
  const { VersionId } = await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'in/a.csv' }));
  note('in/a.csv', VersionId!);
  await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'other/1.csv', Body: 'x' }));
  await operator.send(new PutObjectCommand({ Bucket: 'archive', Key: 'in/c.csv', Body: 'x' }));
  for (const key of ['in/', 'in/B.csv', 'in/a.csv', 'in/b.csv', 'in/ä+ &<"\'>.csv', 'in/🧀.csv']) {
    listed.push(...versions.get(key)!.map((version) => `${key} ${version}`));
  }
});

async function list(input: Partial<ListObjectVersionsCommandInput> = {}) {
  const answer = await operator.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'in/', ...input }),
  );
  const textOf = ({ Key, VersionId }: { Key?: string; VersionId?: string }) => `${Key} ${VersionId}`;
  const versions = (answer.Versions ?? []).map(textOf);
  const markers = (answer.DeleteMarkers ?? []).map(textOf);
  return { versions, markers, all: [...versions, ...markers], answer };
}

/** Walks over all pages, and gives what was on each. */
async function walk(MaxKeys: number): Promise<string[][]> {
  const pages: string[][] = [];
  let markers: Pick<ListObjectVersionsCommandInput, 'KeyMarker' | 'VersionIdMarker'> = {};
  while (pages.length < 100) {
    const { all, answer } = await list({ MaxKeys, ...markers });
    pages.push(all);
    if (!answer.IsTruncated) return pages;
    markers = { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker };
  }
  throw new Error('the listing does not come to its end');
}

const split = (text: string) => {
  const end = text.lastIndexOf(' ');
  return { KeyMarker: text.slice(0, end), VersionIdMarker: text.slice(end + 1) };
};

describe('a listing of versions', () => {
  it('has every version under the prefix, by key and then newest first, delete markers apart', async () => {
    const { versions, markers, answer } = await list();
    expect(versions).toEqual(listed.filter((item) => !markers.includes(item)));
    expect(markers).toEqual([listed[2]]);
    expect(answer).toMatchObject({ IsTruncated: false, MaxKeys: 1_000 });
    expect([answer.NextKeyMarker, answer.NextVersionIdMarker]).toEqual([undefined, undefined]);
  });

  it('marks the newest version of each key, also a delete marker', async () => {
    const { answer } = await list();
    const newest = [...answer.Versions!, ...answer.DeleteMarkers!].filter(({ IsLatest }) => IsLatest);
    expect(newest.map(({ Key }) => Key).sort()).toEqual(
      [...new Set(listed.map((item) => split(item).KeyMarker))].sort(),
    );
    expect(answer.Versions!.filter(({ Key }) => Key === 'in/a.csv')).toMatchObject([{ IsLatest: false }]);
  });

  it('has the creation time of each version', async () => {
    const { answer } = await list();
    const times = answer.Versions!.map(({ LastModified }) => LastModified!.getTime());
    for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(60_000);
  });

  it.each([1, 2, 3, 4, 5, 8, 9, 10])('returns everything once in pages of %i', async (size) => {
    const pages = await walk(size);
    expect(pages.flat().sort()).toEqual([...listed].sort());
    expect(pages.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(listed.length / size) }, (_, page) =>
        Math.min(size, listed.length - page * size),
      ),
    );
  });

  it('continues after the version marker, also within a key', async () => {
    const middle = listed.findIndex((item) => item.startsWith('in/b.csv')) + 1;
    const { versions } = await list(split(listed[middle]!));
    expect(versions).toEqual(listed.slice(middle + 1));
  });

  it('continues after all versions of a key if only the key marker is given', async () => {
    const { versions } = await list({ KeyMarker: 'in/b.csv' });
    expect(versions).toEqual(listed.slice(listed.findLastIndex((item) => item.startsWith('in/b.csv ')) + 1));
  });

  it('names the last version of the page as the next marker, also a delete marker', async () => {
    const { answer } = await list({ MaxKeys: 3 });
    expect(answer).toMatchObject({ IsTruncated: true, KeyMarker: '', MaxKeys: 3 });
    expect(`${answer.NextKeyMarker} ${answer.NextVersionIdMarker}`).toBe(listed[2]);
  });

  it('includes new versions after its position, and nothing twice', async () => {
    const { answer, all } = await list({ MaxKeys: 4 });
    const { VersionId } = await operator.send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'in/z.csv', Body: 'new' }),
    );
    const rest = await list({ KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker });
    expect([...all, ...rest.all].sort()).toEqual([...listed, `in/z.csv ${VersionId}`].sort());
    await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'in/z.csv', VersionId }));
    expect((await list()).all.sort()).toEqual([...listed].sort());
  });
});

describe('the permission to list versions', () => {
  const bucketArn = `arn:aws:s3:::${BUCKET}`;
  const listAs = (name: string, Prefix?: string) =>
    clientOf(name).send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix }));

  it('is separate, and may be limited to a prefix', async () => {
    addFunction(access, 'lister', [allow('s3:ListBucket', bucketArn)]);
    addFunction(access, 'sweeper', [
      { ...allow('s3:ListBucketVersions', bucketArn), Condition: { StringEquals: { 's3:prefix': 'in/' } } },
    ]);
    await expect(listAs('lister', 'in/')).rejects.toThrow('s3:ListBucketVersions');
    expect((await listAs('sweeper', 'in/')).Versions!.length).toBeGreaterThan(0);
    await expect(listAs('sweeper', 'other/')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(listAs('sweeper')).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

const put = (Key: string, Body: string) => operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));

test('a listing of no keys is empty', async () => {
  await put('a.csv', 'x');
  const answer = await operator.send(new ListObjectVersionsCommand({ Bucket: BUCKET, MaxKeys: 0 }));
  expect(answer.Versions ?? []).toEqual([]);
});

test('a listing continues within a key if the version at its marker was removed', async () => {
  const ids = [];
  for (const body of ['1', '2', '3']) ids.push((await put('many.csv', body)).VersionId!);
  const first = await operator.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'many', MaxKeys: 1 }),
  );
  expect(first.NextVersionIdMarker).toBe(ids[2]);
  await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'many.csv', VersionId: ids[2]! }));
  const next = await operator.send(
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
    const answer = await operator.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: `keys/${key.slice(0, 2)}` }),
    );
    expect(answer.Versions!.map(({ Key }) => Key)).toContain(`keys/${key}`);
  },
);

test('a listing has its keys and markers URL-encoded if the caller asks for it, and knows no other encoding', async () => {
  const { answer } = await list({ EncodingType: 'url', MaxKeys: 4, KeyMarker: 'in/a.csv' });
  expect(answer.KeyMarker).toBe('in/a.csv');
  const rest = await list({ EncodingType: 'url', KeyMarker: 'in/b.csv' });
  expect(rest.versions.map((text) => text.split(' ')[0])).toEqual([
    "in/%C3%A4%2B+%26%3C%22'%3E.csv",
    'in/%F0%9F%A7%80.csv',
  ]);
  await expect(list({ EncodingType: 'base64' as 'url' })).rejects.toMatchObject({ name: 'InvalidArgument' });
});
