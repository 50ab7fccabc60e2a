import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { addFunction, allow } from '../running-gateway.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const s3 = await startS3();
const ARN = `arn:aws:s3:::${BUCKET}`;
const at = { Bucket: BUCKET, Key: 'sales.csv' };
const missing = { Bucket: BUCKET, Key: 'missing.csv' };

/** Who may do just this. */
function clientWho(...statements: Parameters<typeof addFunction>[2]) {
  const name = `function-${Math.random()}`;
  addFunction(s3.access, name, statements);
  return s3.clientOf(name);
}

let VersionId: string;
beforeAll(async () => {
  VersionId = (await s3.operator.send(new PutObjectCommand({ ...at, Body: 'x' }))).VersionId!;
});

describe('a missing object', () => {
  it('is a 403 without permission to list the bucket, and a 404 with it', async () => {
    const reader = clientWho(allow('s3:GetObject', `${ARN}/*`));
    const lister = clientWho(allow('s3:GetObject', `${ARN}/*`), allow('s3:ListBucket', ARN));
    await expect(reader.send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'AccessDenied',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(lister.send(new GetObjectCommand(missing))).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(reader.send(new HeadObjectCommand(missing))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });
});

describe('a permission', () => {
  it('to read the newest version does not include reading by version id, and vice versa', async () => {
    const newest = clientWho(allow('s3:GetObject', `${ARN}/*`));
    const byId = clientWho(allow('s3:GetObjectVersion', `${ARN}/*`));
    await newest.send(new GetObjectCommand(at));
    await byId.send(new GetObjectCommand({ ...at, VersionId }));
    await expect(newest.send(new GetObjectCommand({ ...at, VersionId }))).rejects.toThrow(
      's3:GetObjectVersion',
    );
    await expect(byId.send(new GetObjectCommand(at))).rejects.toThrow('s3:GetObject on resource');
  });

  it('applies to the keys that its resource matches', async () => {
    const writer = clientWho(allow('s3:PutObject', `${ARN}/sales/*`));
    await writer.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'sales/1.csv', Body: 'x' }));
    for (const Key of ['other/1.csv', 'other/../sales/1.csv']) {
      const request = writer.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
      await expect(request).rejects.toThrow(/not authorized to perform: s3:PutObject/);
    }
  });

  it.each([
    ['s3:ListBucket', new ListObjectsV2Command({ Bucket: BUCKET })],
    ['s3:PutObject', new PutObjectCommand({ ...at, Body: 'y' })],
    ['s3:PutObject', new CreateMultipartUploadCommand(at)],
    ['s3:DeleteObject', new DeleteObjectCommand(at)],
    ['s3:DeleteObjectVersion', new DeleteObjectCommand({ ...at, VersionId: 'x' })],
    ['s3:GetObject', new CopyObjectCommand({ ...at, CopySource: `${BUCKET}/sales.csv` })],
  ])('for %s is required, and named when it is missing', async (action, command) => {
    const stranger = clientWho();
    await expect(stranger.send(command as GetObjectCommand)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`perform: ${action} on resource: ${ARN}`),
    });
  });

  it('can depend on the prefix of a listing, which a call without one does not have', async () => {
    const Condition = { StringEquals: { 's3:prefix': '' } };
    const lister = clientWho({ ...allow('s3:ListBucket', ARN), Condition });
    await lister.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: '' }));
    await expect(lister.send(new ListObjectsV2Command({ Bucket: BUCKET }))).rejects.toThrow('s3:ListBucket');
  });

  it('can depend on the headers of a put', async () => {
    const Condition = { StringNotEqualsIfExists: { 's3:x-amz-storage-class': 'STANDARD' } };
    const writer = clientWho(allow('s3:PutObject', `${ARN}/*`), {
      ...allow('s3:PutObject', '*'),
      Effect: 'Deny',
      Condition: { ...Condition, Null: { 's3:x-amz-storage-class': false } },
    });
    await writer.send(new PutObjectCommand({ ...at, Body: 'x' }));
    await writer.send(new PutObjectCommand({ ...at, Body: 'x', StorageClass: 'STANDARD' }));
    const archived = { ...at, StorageClass: 'GLACIER' } as const;
    const denied = 'identity-based policy denies the s3:PutObject action';
    await expect(writer.send(new PutObjectCommand(archived))).rejects.toThrow(denied);
    await expect(writer.send(new CreateMultipartUploadCommand(archived))).rejects.toThrow(denied);
  });

  it('to write one key does not allow completing the upload of another', async () => {
    const other = { Bucket: BUCKET, Key: 'other/1.csv' };
    const { UploadId } = await s3.operator.send(new CreateMultipartUploadCommand(other));
    const { ETag } = await s3.operator.send(
      new UploadPartCommand({ ...other, UploadId, PartNumber: 1, Body: 'x' }),
    );
    const writer = clientWho(allow('s3:PutObject', `${ARN}/sales/*`));
    const complete = new CompleteMultipartUploadCommand({
      Bucket: BUCKET,
      Key: 'sales/1.csv',
      UploadId,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
    });
    await expect(writer.send(complete)).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(s3.operator.send(new GetObjectCommand(other))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
