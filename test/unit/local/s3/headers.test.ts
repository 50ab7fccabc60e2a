import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { addFunction, allow } from '../running-gateway.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const { access, operator, clientOf } = await startS3();
const ARN = `arn:aws:s3:::${BUCKET}`;
addFunction(access, 'writer', [allow('s3:PutObject', `${ARN}/*`)]);
const writer = clientOf('writer');

function put(Key: string, more: Partial<PutObjectCommandInput> = {}, client = operator) {
  return client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x', ...more }));
}

describe('a header of a put', () => {
  it.each<[string, Partial<PutObjectCommandInput>]>([
    ['s3:PutObjectTagging', { Tagging: 'a=b' }],
    ['s3:PutObjectAcl', { ACL: 'public-read' }],
    ['s3:PutObjectAcl', { ACL: 'bucket-owner-full-control' }],
    ['s3:PutObjectAcl', { GrantRead: 'id="1"' }],
    ['s3:PutObjectLegalHold', { ObjectLockLegalHoldStatus: 'ON' }],
    ['s3:PutObjectRetention', { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date() }],
  ])('needs the permission %s: %j', async (action, header) => {
    await expect(put('a', header, writer)).rejects.toThrow(`not authorized to perform: ${action} on`);
  });

  it.each<[string, Partial<PutObjectCommandInput>]>([
    ['NotImplemented', { Tagging: 'a=b' }],
    ['AccessControlListNotSupported', { ACL: 'public-read' }],
    ['AccessControlListNotSupported', { GrantFullControl: 'id="1"' }],
    ['NotImplemented', { ObjectLockLegalHoldStatus: 'ON' }],
    ['NotImplemented', { ServerSideEncryption: 'AES256' }],
    ['NotImplemented', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'other' }],
    ['NotImplemented', { WebsiteRedirectLocation: '/b' }],
    ['NotImplemented', { RequestPayer: 'requester' }],
    ['MetadataTooLarge', { Metadata: { a: 'x'.repeat(2_048) } }],
    ['InvalidStorageClass', { StorageClass: 'OUTPOSTS' }],
    ['AccessDenied', { ExpectedBucketOwner: '111111111111' }],
    ['NotImplemented', { IfNoneMatch: '"etag"' }],
    ['NoSuchKey', { IfMatch: '"etag"' }],
  ])('is refused as %s where the local cloud cannot honour it: %j', async (name, header) => {
    await expect(put('refused', header)).rejects.toMatchObject({ name });
    const head = new HeadObjectCommand({ Bucket: BUCKET, Key: 'refused' });
    await expect(operator.send(head)).rejects.toThrow();
    const upload = new CreateMultipartUploadCommand({
      Bucket: BUCKET,
      Key: 'a',
      ...header,
      Body: undefined,
    } as never);
    if (!name.startsWith('No')) await expect(operator.send(upload)).rejects.toMatchObject({ name });
  });

  it('is denied by a policy before the local cloud refuses it', async () => {
    access.addResourcePolicy(ARN, [
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:PutObject',
        Resource: `${ARN}/denied/*`,
        Condition: { Null: { 's3:x-amz-server-side-encryption': false } },
      },
    ]);
    const encrypted = put('denied/a', { ServerSideEncryption: 'AES256' });
    await expect(encrypted).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is accepted if it asks for what the bucket does', async () => {
    await put('b', { ACL: 'bucket-owner-full-control', ExpectedBucketOwner: '000000000000' });
  });

  it('is repeated by every answer with the object', async () => {
    const headers = {
      CacheControl: 'no-cache',
      ContentDisposition: 'attachment',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { till: '7' },
      StorageClass: 'STANDARD_IA' as const,
    };
    await put('c', headers);
    const head = await operator.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'c' }));
    expect(head).toMatchObject(headers);
    const { Contents } = await operator.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'c' }));
    expect(Contents![0]!.StorageClass).toBe('STANDARD_IA');
  });
});

describe('an archived object', () => {
  it.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('is described but not read: %s', async (StorageClass) => {
    const at = { Bucket: BUCKET, Key: StorageClass };
    await put(StorageClass, { StorageClass });
    expect(await operator.send(new HeadObjectCommand(at))).toMatchObject({ StorageClass });
    const refused = { name: 'InvalidObjectState', $metadata: { httpStatusCode: 403 } };
    await expect(operator.send(new GetObjectCommand(at))).rejects.toMatchObject(refused);
    const copy = new CopyObjectCommand({ ...at, CopySource: `${BUCKET}/${StorageClass}` });
    await expect(operator.send(copy)).rejects.toMatchObject(refused);
  });
});

describe('a copy', () => {
  it('has the class of its request, not that of its source', async () => {
    await put('source', { StorageClass: 'ONEZONE_IA', Metadata: { a: 'b' } });
    const copy = { Bucket: BUCKET, Key: 'copy', CopySource: `${BUCKET}/source` };
    await operator.send(new CopyObjectCommand(copy));
    const head = () => operator.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy' }));
    expect(await head()).toMatchObject({ Metadata: { a: 'b' } });
    expect((await head()).StorageClass).toBeUndefined();
    await operator.send(new CopyObjectCommand({ ...copy, StorageClass: 'GLACIER' }));
    expect((await head()).StorageClass).toBe('GLACIER');
  });

  it.each([
    ['NoSuchBucket', { CopySource: 'elsewhere/a' }],
    ['PreconditionFailed', { CopySource: `${BUCKET}/b`, CopySourceIfMatch: '"a"' }],
    ['NotImplemented', { CopySource: `${BUCKET}/b`, TaggingDirective: 'REPLACE' as const }],
    ['InvalidArgument', { CopySource: `${BUCKET}/b`, MetadataDirective: 'OTHER' as never }],
  ])('is refused as %s: %j', async (name, input) => {
    const copy = new CopyObjectCommand({ Bucket: BUCKET, Key: 'refused', ...input });
    await expect(operator.send(copy)).rejects.toMatchObject({ name });
  });
});

describe('a conditional read', () => {
  it('answers 304 if the caller has the version, and 412 if it wanted another', async () => {
    const { ETag } = await put('d');
    const at = { Bucket: BUCKET, Key: 'd' };
    for (const Command of [GetObjectCommand, HeadObjectCommand]) {
      const unmodified = operator.send(new Command({ ...at, IfNoneMatch: ETag }) as GetObjectCommand);
      await expect(unmodified).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
      const other = operator.send(new Command({ ...at, IfMatch: '"other"' }) as GetObjectCommand);
      await expect(other).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    }
    expect((await operator.send(new GetObjectCommand({ ...at, IfNoneMatch: '"other"' }))).ETag).toBe(ETag);
  });
});

describe('a bucket', () => {
  it('can be asked for, and created again, as tools do before a copy', async () => {
    await operator.send(new HeadBucketCommand({ Bucket: BUCKET }));
    await operator.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const other = operator.send(new CreateBucketCommand({ Bucket: 'other' }));
    await expect(other).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(writer.send(new CreateBucketCommand({ Bucket: BUCKET }))).rejects.toThrow('s3:CreateBucket');
  });

  it('is created again with the ACL of its owner, as rclone sends it, and with no other', async () => {
    const create = (ACL: string) => {
      return operator.send(new CreateBucketCommand({ Bucket: BUCKET, ACL: ACL as 'private' }));
    };
    await create('bucket-owner-full-control');
    await expect(create('public-read')).rejects.toMatchObject({ name: 'AccessControlListNotSupported' });
    const withLock = new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true });
    await expect(operator.send(withLock)).rejects.toMatchObject({ name: 'NotImplemented' });
  });

  it('has the time of its creation', async () => {
    const { Buckets } = await operator.send(new ListBucketsCommand());
    expect(Date.now() - Buckets![0]!.CreationDate!.getTime()).toBeLessThan(60_000);
  });
});

describe('a listing', () => {
  const Prefix = 'listed/';

  it('encodes keys that XML cannot write, on request', async () => {
    const key = `${Prefix}a+b c\0\u{1}ä`;
    await put(key);
    const encoded = `${Prefix}a%2Bb+c%00%01%C3%A4`;
    const input = { Bucket: BUCKET, Prefix, EncodingType: 'url' as const };
    const objects = await operator.send(new ListObjectsV2Command(input));
    const versions = await operator.send(new ListObjectVersionsCommand(input));
    expect([objects.Contents![0]!.Key, versions.Versions![0]!.Key]).toEqual([encoded, encoded]);
    expect([objects.EncodingType, versions.EncodingType]).toEqual(['url', 'url']);
    const plain = await operator.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
    expect(plain.Contents![0]!.Key).toBe(key);
  });

  it('of the first version continues after the last key', async () => {
    for (const name of ['1', '2/a', '2/b', '3']) await put(`v1/${name}`);
    const input = { Bucket: BUCKET, Prefix: 'v1/', Delimiter: '/', MaxKeys: 2 };
    const first = await operator.send(new ListObjectsCommand(input));
    expect(first).toMatchObject({ IsTruncated: true, CommonPrefixes: [{ Prefix: 'v1/2/' }] });
    const second = await operator.send(new ListObjectsCommand({ ...input, Marker: first.NextMarker }));
    expect(second.Contents!.map(({ Key }) => Key)).toEqual(['v1/3']);
    expect(
      (await operator.send(new ListObjectsCommand({ Bucket: BUCKET }))).Contents!.length,
    ).toBeGreaterThan(3);
  });

  it.each([
    { ContinuationToken: '*' },
    { MaxKeys: -1 },
    { MaxKeys: 'all' as never },
    { EncodingType: 'xml' as never },
  ])('with a wrong parameter is refused: %j', async (input) => {
    const listing = operator.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
    await expect(listing).rejects.toMatchObject({ name: 'InvalidArgument' });
  });
});

describe('the parts of an upload', () => {
  it('are numbered from 1 to 10,000, and listed in pages', async () => {
    const at = { Bucket: BUCKET, Key: 'parts' };
    const { UploadId } = await operator.send(new CreateMultipartUploadCommand(at));
    const send = (PartNumber: number) =>
      operator.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: 'x' }));
    for (const wrong of [0, -1, 1.5, 10_001]) {
      await expect(send(wrong)).rejects.toMatchObject({ name: 'InvalidArgument' });
    }
    for (const right of [10_000, 1, 7]) await send(right);
    const list = (PartNumberMarker?: string) =>
      operator.send(new ListPartsCommand({ ...at, UploadId, MaxParts: 2, PartNumberMarker }));
    const first = await list();
    expect(first).toMatchObject({
      IsTruncated: true,
      Parts: [{ PartNumber: 1, Size: 1 }, { PartNumber: 7 }],
    });
    expect((await list(first.NextPartNumberMarker)).Parts).toMatchObject([{ PartNumber: 10_000 }]);
  });
});
