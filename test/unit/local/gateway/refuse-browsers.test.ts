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

  test('of the gateway may post forms, and call no service', async () => {
    const { origin } = new URL(gateway.endpoint);
    const send = (type: string, from: string) =>
      fetch(`${gateway.endpoint}/${BUCKET}`, {
        method: 'POST',
        body: '--b\r\ncontent-disposition: form-data; name="file"\r\n\r\na\r\n--b--\r\n',
        headers: { origin: from, 'content-type': type, 'sec-fetch-site': 'same-origin' },
      }).then((answer) => answer.text());
    const form = 'multipart/form-data; boundary=b';
    expect(await send(form, origin)).toContain('The form has no policy');
    expect(await send(form, 'http://127.0.0.1:1')).toContain('a web page made it');
    expect(await send('text/plain', origin)).toContain('a web page made it');
  });

  test('is not what an object becomes: its answer is in a sandbox', async () => {
    const headers = await signHeaders(gateway, { path: `/${BUCKET}?list-type=2` });
    const answer = await fetch(`${gateway.endpoint}/${BUCKET}?list-type=2`, { headers });
    expect([answer.status, answer.headers.get('content-security-policy')]).toEqual([200, 'sandbox']);
  });

  test('is not what makes requests to localhost', async () => {
    const endpoint = `http://localhost:${port}`;
    const client = new S3Client({ ...configOf(gateway), endpoint, forcePathStyle: true });
    await expect(client.send(new ListObjectsV2Command({ Bucket: BUCKET }))).resolves.toBeDefined();
  });
});
