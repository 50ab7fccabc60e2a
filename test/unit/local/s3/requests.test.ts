import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetBucketAclCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { sendSigned } from '../sign-request.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const gateway = await startS3();
const { operator, clientOf, endpoint } = gateway;
const Key = 'sales.csv';
const at = { Bucket: BUCKET, Key };

async function read(key = Key, Range?: string): Promise<string> {
  const answer = await operator.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, Range }));
  return answer.Body!.transformToString();
}

beforeEach(async () => {
  await operator.send(new PutObjectCommand({ ...at, Body: '0123456789' }));
});

describe('a key', () => {
  it.each([
    'a b/c d.csv',
    'a+b.csv',
    'Ümläut/売上.csv',
    '100%.csv',
    'a?b#c&d=e.csv',
    'trailing/',
    "it's (1)!*.csv",
    'a/../b/./c.csv',
    '/a//b',
    'control\u0000\u0001\u001b.csv',
    `${'x'.repeat(1_021)}売`,
  ])('is stored verbatim: %s', async (key) => {
    await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
    expect(await read(key)).toBe(key);
  });
});

it('refuses a key of more than 1,024 bytes', async () => {
  const request = operator.send(new PutObjectCommand({ ...at, Key: `${'x'.repeat(1_022)}売`, Body: '' }));
  await expect(request).rejects.toMatchObject({ name: 'KeyTooLongError' });
});

describe('a range', () => {
  it.each([
    ['bytes=2-4', '234'],
    ['bytes=7-', '789'],
    ['bytes=-3', '789'],
    ['bytes=8-100', '89'],
    ['bytes=-100', '0123456789'],
  ])('%s returns the bytes %s', async (range, expected) => {
    expect(await read(Key, range)).toBe(expected);
  });

  it('reports the returned range and the total size', async () => {
    const answer = await operator.send(new GetObjectCommand({ ...at, Range: 'bytes=2-4' }));
    expect(answer).toMatchObject({ ContentRange: 'bytes 2-4/10', ContentLength: 3 });
    expect(answer.$metadata.httpStatusCode).toBe(206);
  });

  it('is refused if it begins after the end', async () => {
    await expect(read(Key, 'bytes=10-')).rejects.toMatchObject({ name: 'InvalidRange' });
  });
});

it('has no tags, and is in a versioned bucket', async () => {
  expect((await operator.send(new GetObjectTaggingCommand(at))).TagSet).toEqual([]);
  expect(await operator.send(new GetBucketVersioningCommand({ Bucket: BUCKET }))).toMatchObject({
    Status: 'Enabled',
  });
});

describe('a part that is copied', () => {
  async function copyPart(more: object) {
    const target = { ...at, Key: 'copy' };
    const { UploadId } = await operator.send(new CreateMultipartUploadCommand(target));
    const part = { ...target, UploadId, PartNumber: 1, CopySource: `${BUCKET}/${Key}`, ...more };
    const { CopyPartResult } = await operator.send(new UploadPartCopyCommand(part));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: CopyPartResult!.ETag }] };
    await operator.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
    const { Body } = await operator.send(new GetObjectCommand(target));
    return Body!.transformToString();
  }

  it('has the bytes of its range, or the whole source', async () => {
    expect(await copyPart({})).toBe('0123456789');
    expect(await copyPart({ CopySourceRange: 'bytes=2-4' })).toBe('234');
  });

  it.each([
    ['a range beyond the source', { CopySourceRange: 'bytes=2-10' }, 'InvalidArgument'],
    ['a source that has changed', { CopySourceIfMatch: '"0"' }, 'PreconditionFailed'],
    ['a missing source', { CopySource: `${BUCKET}/missing` }, 'NoSuchKey'],
  ])('is refused with %s', async (_, more, name) => {
    await expect(copyPart(more)).rejects.toMatchObject({ name });
  });
});

describe('an unsupported request', () => {
  const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };

  it.each([
    ['GetBucketAcl', () => operator.send(new GetBucketAclCommand({ Bucket: BUCKET }))],
    ['PutObjectTagging', () => operator.send(new PutObjectTaggingCommand({ ...at, Tagging }))],
    ['DeleteObjectTagging', () => operator.send(new DeleteObjectTaggingCommand(at))],
  ])('is refused and changes nothing: %s', async (_, request) => {
    await expect(request()).rejects.toMatchObject({ name: 'NotImplemented' });
    expect(await read()).toBe('0123456789');
  });

  it('is refused if the object exists: a conditional write', async () => {
    const write = operator.send(new PutObjectCommand({ ...at, Body: 'other', IfNoneMatch: '*' }));
    await expect(write).rejects.toThrow();
    expect(await read()).toBe('0123456789');
  });
});

describe('an invalid request', () => {
  it('reports that the bucket does not exist', async () => {
    const request = operator.send(new GetObjectCommand({ Bucket: 'other', Key }));
    await expect(request).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  it('reports that the access key is unknown', async () => {
    const request = clientOf('AKIAEXAMPLE').send(new GetObjectCommand(at));
    await expect(request).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
  });

  it('is answered with a description of the server if it has no signature', async () => {
    const response = await fetch(`${endpoint}/${BUCKET}/${Key}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('the local cloud');
  });

  it('is a client error if its path cannot be decoded', async () => {
    const response = await sendSigned(gateway, { path: `/${BUCKET}/%zz` });
    expect(response.status).toBe(400);
  });
});
