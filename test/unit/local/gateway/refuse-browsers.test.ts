import { get } from 'node:http';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { configOf } from '../running-gateway.ts';
import { BUCKET, startS3 } from '../s3/running-s3.ts';
import { signHeaders } from '../sign-request.ts';

const gateway = await startS3();

describe('a web page', () => {
  const { port } = new URL(gateway.endpoint);

  test.each<[string, Record<string, string>]>([
    ['on another site', { origin: 'http://evil.example' }],
    ['in a file', { origin: 'null' }],
    ['on another site, with a form or an image', { 'sec-fetch-site': 'cross-site' }],
    ['on another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['whose host name was changed to this address', { host: `evil.example:${port}` }],
    ['for another port', { host: '127.0.0.1:1' }],
  ])('%s is refused, even with a valid signature', async (_, headers) => {
    const path = `/${BUCKET}?list-type=2`;
    const signed = await signHeaders(gateway, { path, headers });
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    get(gateway.endpoint + path, { headers: signed }, (answer) => resolve(answer.resume().statusCode));
    expect(await promise).toBe(403);
  });

  test('is not what makes requests to localhost', async () => {
    const endpoint = `http://localhost:${port}`;
    const client = new S3Client({ ...configOf(gateway), endpoint, forcePathStyle: true });
    await expect(client.send(new ListObjectsV2Command({ Bucket: BUCKET }))).resolves.toBeDefined();
  });
});
