import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { BUCKET, startS3 } from './running-s3.ts';

const { operator, announced } = await startS3();

async function put(Key: string, Body: string): Promise<string> {
  const answer = await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }));
  return answer.VersionId!;
}

async function get(Key: string, VersionId?: string): Promise<string> {
  const answer = await operator.send(new GetObjectCommand({ Bucket: BUCKET, Key, VersionId }));
  return answer.Body!.transformToString();
}

describe('an object that is overwritten', () => {
  it('returns the new bytes, and the old ones for the old version id', async () => {
    const first = await put('sales.csv', 'one');
    const second = await put('sales.csv', 'two');
    expect(second).not.toBe(first);
    expect(await get('sales.csv')).toBe('two');
    expect(await get('sales.csv', first)).toBe('one');
    expect(await get('sales.csv', second)).toBe('two');
  });

  it('lists all its versions, newest first', async () => {
    const versions = [await put('listed.csv', '1'), await put('listed.csv', '2')];
    const answer = await operator.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: 'listed' }));
    const listed = answer.Versions!.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]);
    expect(listed).toEqual([
      [versions[1], true],
      [versions[0], false],
    ]);
  });
});

describe('an object that is deleted', () => {
  it('is hidden by a delete marker, and its old version still exists', async () => {
    const version = await put('gone.csv', 'old');
    const marker = await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone.csv' }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(get('gone.csv')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await get('gone.csv', version)).toBe('old');
    const VersionId = marker.VersionId;
    await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'gone.csv', VersionId }));
    expect(await get('gone.csv')).toBe('old');
  });

  it('loses one version permanently if that version is named', async () => {
    const first = await put('pruned.csv', 'one');
    await put('pruned.csv', 'two');
    await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'pruned.csv', VersionId: first }));
    await expect(get('pruned.csv', first)).rejects.toMatchObject({ name: 'NoSuchVersion' });
    expect(await get('pruned.csv')).toBe('two');
  });
});

describe('a copy', () => {
  it('has the bytes and metadata of its source version', async () => {
    const Metadata = { store: '12' };
    const first = await operator.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'a b.csv',
        Body: 'one',
        Metadata,
        ContentType: 'text/csv',
      }),
    );
    await put('a b.csv', 'two');
    const CopySource = `${BUCKET}/a%20b.csv?versionId=${first.VersionId}`;
    await operator.send(new CopyObjectCommand({ Bucket: 'archive', Key: 'c.csv', CopySource }));
    const copy = await operator.send(new GetObjectCommand({ Bucket: 'archive', Key: 'c.csv' }));
    expect(await copy.Body!.transformToString()).toBe('one');
    expect(copy).toMatchObject({ Metadata, ContentType: 'text/csv', ETag: first.ETag });
  });

  it('of an empty object is empty', async () => {
    await put('empty.csv', '');
    const CopySource = `${BUCKET}/empty.csv`;
    await operator.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'empty-copy.csv', CopySource }));
    expect(await get('empty-copy.csv')).toBe('');
  });

  it('of a missing object is refused', async () => {
    const copy = new CopyObjectCommand({ Bucket: BUCKET, Key: 'x', CopySource: `${BUCKET}/nothing` });
    await expect(operator.send(copy)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('an object', () => {
  it('returns its size, type, entity tag and metadata without its bytes', async () => {
    const Metadata = { source: 'till-7' };
    const stored = await operator.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'head.csv',
        Body: 'abc',
        Metadata,
        ContentType: 'text/csv',
      }),
    );
    const head = await operator.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'head.csv' }));
    expect(head).toMatchObject({
      ContentLength: 3,
      ContentType: 'text/csv',
      ETag: '"900150983cd24fb0d6963f7d28e17f72"',
      Metadata,
      VersionId: stored.VersionId,
    });
  });

  it('is announced with its creating action, and its deletion is not announced', async () => {
    announced.length = 0;
    const version = await put('told.csv', '1');
    const CopySource = `${BUCKET}/told.csv`;
    const copy = await operator.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key: 'copied.csv', CopySource }),
    );
    await operator.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'told.csv' }));
    expect(announced.map(({ version: { key, versionId }, kind }) => [kind, key, versionId])).toEqual([
      ['Put', 'told.csv', version],
      ['Copy', 'copied.csv', copy.VersionId],
    ]);
  });
});
