import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { LISTING_START, listUploads } from '../../../../lambdas/shared/list-uploads.ts';

const bucket = mockClient(S3Client);
beforeEach(() => bucket.reset());
afterAll(() => bucket.restore());

const LastModified = new Date('2024-01-02T03:04:05Z');
const version = (Key: string, VersionId: string) => ({ Key, VersionId, LastModified });
const list = (options = {}) => Array.fromAsync(listUploads(new S3Client(), 'uploads', options));
const inputs = () => bucket.commandCalls(ListObjectVersionsCommand).map(({ args }) => args[0].input);

test('a page that ends between two versions of a key is continued after that version', async () => {
  bucket
    .on(ListObjectVersionsCommand)
    .resolvesOnce({
      Versions: [version('incoming/a.csv', '3'), version('incoming/a.csv', '2')],
      IsTruncated: true,
      NextKeyMarker: 'incoming/a.csv',
      NextVersionIdMarker: '2',
    })
    .resolves({ Versions: [version('incoming/a.csv', '1')] });
  const pages = await list();
  expect(pages.map(({ objects }) => objects.map(({ versionId }) => versionId))).toEqual([['3', '2'], ['1']]);
  expect(pages.map(({ next }) => next)).toEqual([
    { keyMarker: 'incoming/a.csv', versionMarker: '2' },
    LISTING_START,
  ]);
  expect(pages[1]!.next).toBe(LISTING_START);
  expect(inputs()).toEqual([
    { Bucket: 'uploads', Prefix: 'incoming/', EncodingType: 'url' },
    {
      Bucket: 'uploads',
      Prefix: 'incoming/',
      EncodingType: 'url',
      KeyMarker: 'incoming/a.csv',
      VersionIdMarker: '2',
    },
  ]);
});

test('a listing begins at a position, with or without a version, and has a prefix', async () => {
  bucket.on(ListObjectVersionsCommand).resolves({});
  await list({ from: { keyMarker: 'incoming/k', versionMarker: 'v' } });
  await list({ from: { keyMarker: 'incoming/k', versionMarker: '' }, prefix: 'incoming/store=oslo/' });
  expect(inputs()).toEqual([
    {
      Bucket: 'uploads',
      Prefix: 'incoming/',
      EncodingType: 'url',
      KeyMarker: 'incoming/k',
      VersionIdMarker: 'v',
    },
    { Bucket: 'uploads', Prefix: 'incoming/store=oslo/', EncodingType: 'url', KeyMarker: 'incoming/k' },
  ]);
});

test('an object that a console created to show a folder is not an upload', async () => {
  const Versions = [
    version('incoming/', '1'),
    version('incoming/store=oslo/', '1'),
    version('incoming/a', '1'),
  ];
  bucket.on(ListObjectVersionsCommand).resolves({ Versions });
  expect((await list())[0]!.objects).toEqual([
    { bucket: 'uploads', key: 'incoming/a', versionId: '1', receivedAt: '2024-01-02T03:04:05.000Z' },
  ]);
});

test('keys are decoded, a marker is passed on as it came, and a NUL becomes its symbol', async () => {
  const encoded = 'incoming/store=main/a+b%2B%00%EF%BF%BF.csv';
  bucket
    .on(ListObjectVersionsCommand)
    .resolvesOnce({
      Versions: [version(encoded, '1')],
      IsTruncated: true,
      NextKeyMarker: encoded,
      NextVersionIdMarker: '1',
    })
    .resolves({});
  const [page] = await list();
  expect(page!.objects.map(({ key }) => key)).toEqual(['incoming/store=main/a b+\u2400\uffff.csv']);
  expect(page!.next).toEqual({ keyMarker: encoded, versionMarker: '1' });
  expect(inputs()[1]).toMatchObject({ KeyMarker: 'incoming/store=main/a b+\0\uffff.csv' });
});
