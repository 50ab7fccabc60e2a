import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { describe, expect, it } from 'vitest';
import { sendSigned } from '../sign-request.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const gateway = await startS3();
const { operator, announced, faults } = gateway;
const MIB = 1024 ** 2;

async function read(Key: string): Promise<Buffer> {
  const { Body } = await operator.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
  return Buffer.from(await Body!.transformToByteArray());
}

/** Sends a signed request with these headers. */
function putRaw(key: string, body: string, headers: Record<string, string>): Promise<Response> {
  return sendSigned(gateway, { method: 'PUT', path: `/${BUCKET}/${key}`, body, headers });
}

describe('a multipart upload', () => {
  it('returns the same bytes, and is announced once, when it is complete', async () => {
    const bytes = randomBytes(12 * MIB + 345);
    announced.length = 0;
    const params = { Bucket: BUCKET, Key: 'big.bin', Body: Readable.from([bytes]), ContentType: 'text/csv' };
    await new Upload({ client: operator, params, partSize: 5 * MIB }).done();
    expect((await read('big.bin')).equals(bytes)).toBe(true);
    expect(
      announced.map(({ kind, version }) => [kind, version.key, version.size, version.contentType]),
    ).toEqual([['CompleteMultipartUpload', 'big.bin', bytes.length, 'text/csv']]);
    expect(announced[0]!.version.etag).toMatch(/^"[0-9a-f]{32}-3"$/);
  });

  const at = { Bucket: BUCKET, Key: 'parts.bin' };
  async function begin(bodies: readonly string[]) {
    const { UploadId } = await operator.send(new CreateMultipartUploadCommand(at));
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (const [index, Body] of bodies.entries()) {
      const part = { ...at, UploadId, PartNumber: index + 1, Body };
      Parts.push({ PartNumber: index + 1, ETag: (await operator.send(new UploadPartCommand(part))).ETag });
    }
    const complete = (parts = Parts) =>
      operator.send(
        new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: parts } }),
      );
    return { UploadId, Parts, complete };
  }

  it('has one version, whether its completion is sent again during the first one or later', async () => {
    const { complete } = await begin(['x'.repeat(5 * MIB), 'y']);
    announced.length = 0;
    const answers = await Promise.allSettled([complete(), complete(), complete()]);
    const versions = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    for (const { VersionId } of versions) expect(VersionId).toBe(announced[0]!.version.versionId);
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.name] : []));
    expect([...new Set([...refused, 'NoSuchUpload'])]).toEqual(['NoSuchUpload']);
    await expect(complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(faults).toEqual([]);
  });

  it('uses the newest bytes of a part that is sent again', async () => {
    const { UploadId, complete } = await begin(['old']);
    const again = await operator.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: 'new' }));
    await complete([{ PartNumber: 1, ETag: again.ETag }]);
    expect((await read(at.Key)).toString()).toBe('new');
  });

  it('is refused with a part that was not sent', async () => {
    const { complete, Parts } = await begin(['x']);
    const wrong = [{ ...Parts[0]!, ETag: '"00000000000000000000000000000000"' }];
    await expect(complete(wrong)).rejects.toMatchObject({ name: 'InvalidPart' });
  });

  it('is refused with a part below 5 MiB that is not the last, as by S3', async () => {
    const { complete } = await begin(['small', 'last']);
    await expect(complete()).rejects.toMatchObject({ name: 'EntityTooSmall' });
  });

  it('is gone after it was aborted', async () => {
    const { UploadId, complete } = await begin(['x']);
    await operator.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    await expect(complete()).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });
});

describe('a chunked body', () => {
  it('is stored without its framing, whatever its chunks', async () => {
    const bytes = randomBytes(3 * MIB + 7);
    const pieces = Array.from({ length: 97 }, (_, i) =>
      bytes.subarray((bytes.length * i) / 97, (bytes.length * (i + 1)) / 97),
    );
    await operator.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'streamed',
        Body: Readable.from(pieces),
        ContentLength: bytes.length,
      }),
    );
    const whole = Buffer.concat(pieces);
    expect(whole.length).toBe(bytes.length);
    expect((await read('streamed')).equals(whole)).toBe(true);
  });

  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-trailer': 'x-amz-checksum-crc32',
    'x-amz-decoded-content-length': '3',
  };

  it('is refused if its trailing checksum is wrong', async () => {
    const response = await putRaw('wrong', '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n', headers);
    expect(await response.text()).toContain('<Code>BadDigest</Code>');
  });

  it('is a client error if it ends too early', async () => {
    const response = await putRaw('short', '5\r\nabc', headers);
    expect(response.status).toBe(400);
    expect(faults).toEqual([]);
  });
});

describe('a checksum', () => {
  const sha256 = createHash('sha256').update('abc').digest('base64');

  it.each([
    ['content-md5', 'kAFQmDzST7DWlj99KOF/cg=='],
    ['x-amz-checksum-crc32', 'NSRBwg=='],
    ['x-amz-checksum-sha256', sha256],
  ])('%s is verified', async (name, right) => {
    expect((await putRaw(`right-${name}`, 'abc', { [name]: right })).status).toBe(200);
    const response = await putRaw(`wrong-${name}`, 'abd', { [name]: right });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>BadDigest</Code>');
    await expect(read(`wrong-${name}`)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});
