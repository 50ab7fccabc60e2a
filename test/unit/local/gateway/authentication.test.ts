import { createHash, createHmac } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test } from 'vitest';
import type { Service } from '../../../../local/gateway/service.ts';
import { deriveSigningKey } from '../../../../local/iam/access-keys.ts';
import { configOf, startGateway } from '../running-gateway.ts';
import { BUCKET, startS3 } from '../s3/running-s3.ts';
import { presign, type RawRequest, sendSigned, signHeaders } from '../sign-request.ts';

const gateway = await startS3();
const { operator } = gateway;
const MINUTE = 60_000;
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);
const put = (key: string, body: string, more: Partial<RawRequest> = {}): RawRequest => {
  return { method: 'PUT', path: `/${BUCKET}/${key}`, body, ...more };
};
const codeOf = async (answer: Promise<Response>) => /<Code>(\w+)/.exec(await (await answer).text())?.[1];

async function read(Key: string): Promise<string | undefined> {
  const object = await operator.send(new GetObjectCommand({ Bucket: BUCKET, Key })).catch(() => undefined);
  return object?.Body?.transformToString();
}

describe('a request that is signed in its headers', () => {
  test('is accepted, whatever is in its key and its query', async () => {
    const Key = "a b/ä+&=%2F~*'()!$@:,.txt";
    await operator.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x', Metadata: { a: ' b  c ' } }));
    const { Contents } = await operator.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: "a b/ä+&=%2F~*'()!$@:,", Delimiter: '/' }),
    );
    expect(Contents?.map((object) => object.Key)).toEqual([Key]);
  });

  test.each<[string, Partial<RawRequest>, Record<string, string>, string]>([
    ['another secret', { secretAccessKey: 'operator' }, {}, 'SignatureDoesNotMatch'],
    ['an unknown access key id', { accessKeyId: 'AKIAEXAMPLE' }, {}, 'InvalidAccessKeyId'],
    ['the name of a member as access key id', { accessKeyId: 'constructor' }, {}, 'InvalidAccessKeyId'],
    ['a time 16 minutes ago', { date: ago(16 * MINUTE) }, {}, 'RequestTimeTooSkewed'],
    ['a time in 16 minutes', { date: ago(-16 * MINUTE) }, {}, 'RequestTimeTooSkewed'],
    ['another region', { region: 'eu-west-1' }, {}, 'AuthorizationHeaderMalformed'],
    [
      'a changed header',
      { headers: { 'x-amz-meta-a': '1' } },
      { 'x-amz-meta-a': '2' },
      'SignatureDoesNotMatch',
    ],
    ['a header that is not signed', {}, { 'x-amz-acl': 'public-read' }, 'AccessDenied'],
    [
      'the hash of another body',
      { headers: { 'x-amz-content-sha256': sha256('y') } },
      {},
      'XAmzContentSHA256Mismatch',
    ],
    ['a word as the hash', { headers: { 'x-amz-content-sha256': 'UNSIGNED' } }, {}, 'InvalidArgument'],
    ['a method of signing with two keys', {}, { authorization: 'AWS operator:x' }, ''],
  ])('with %s is refused, and nothing is stored', async (_, request, changed, code) => {
    expect((await codeOf(sendSigned(gateway, put('refused', 'x', request), changed))) ?? '').toBe(code);
    expect(await read('refused')).toBeUndefined();
  });

  test('is valid 14 minutes later, and not for another path, query or method', async () => {
    const headers = await signHeaders(gateway, put('signed', 'x', { date: ago(14 * MINUTE) }));
    const send = (path: string, method = 'PUT') =>
      codeOf(fetch(`${gateway.endpoint}/${BUCKET}/${path}`, { method, headers, body: 'x' }));
    expect(await send('other')).toBe('SignatureDoesNotMatch');
    expect(await send('signed?versionId=a')).toBe('SignatureDoesNotMatch');
    expect(await send('signed', 'DELETE')).toBe('SignatureDoesNotMatch');
    expect(await send('signed')).toBeUndefined();
    expect(await read('signed')).toBe('x');
  });

  test('needs the hash of its body', async () => {
    const { 'x-amz-content-sha256': _, ...headers } = await signHeaders(gateway, put('hash', 'x'));
    const answer = fetch(`${gateway.endpoint}/${BUCKET}/hash`, { method: 'PUT', headers, body: 'x' });
    expect(await codeOf(answer)).toBe('InvalidRequest');
  });
});

describe('a presigned URL', () => {
  const at = { path: `/${BUCKET}/presigned%20file.csv` };

  test('puts and gets an object until it expires', async () => {
    const headers = { 'content-type': 'text/csv' };
    const url = await presign(gateway, put('presigned%20file.csv', '', { headers }));
    expect((await fetch(url, { method: 'PUT', headers, body: 'rows' })).status).toBe(200);
    expect(await (await fetch(await presign(gateway, at))).text()).toBe('rows');
    expect(await codeOf(fetch(await presign(gateway, { ...at, date: ago(61_000) })))).toBe('AccessDenied');
    expect((await fetch(await presign(gateway, { ...at, date: ago(61_000) }, 62))).status).toBe(200);
  });

  test('has its signed headers in the query, and they count as headers', async () => {
    const headers = { 'x-amz-meta-till': '7' };
    const url = await presign(gateway, put('with-metadata', '', { headers }));
    expect(url).toContain('x-amz-meta-till=7');
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(200);
    const { Metadata } = await operator.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'with-metadata' }));
    expect(Metadata).toEqual({ till: '7' });
  });

  test.each<[string, (url: string) => string, string]>([
    ['another path', (url) => url.replace('presigned', 'other'), 'SignatureDoesNotMatch'],
    ['another expiry', (url) => url.replace('Expires=60', 'Expires=6000'), 'SignatureDoesNotMatch'],
    ['no expiry', (url) => url.replace('X-Amz-Expires=60&', ''), 'AuthorizationQueryParametersError'],
    [
      'more than a week',
      (url) => url.replace('Expires=60', 'Expires=604801'),
      'AuthorizationQueryParametersError',
    ],
    ['two expiries', (url) => `${url}&X-Amz-Expires=60`, 'AuthorizationQueryParametersError'],
    ['another parameter', (url) => `${url}&versionId=a`, 'SignatureDoesNotMatch'],
    ['another day', (url) => url.replace(/Date=\d{8}/, 'Date=20200101'), 'AuthorizationQueryParametersError'],
    ['another service', (url) => url.replace('%2Fs3%2F', '%2Fsqs%2F'), ''],
  ])('with %s is refused', async (_, change, code) => {
    const url = await presign(gateway, at);
    expect((await codeOf(fetch(change(url)))) ?? '').toBe(code);
  });

  test('and a signature in the headers together are refused', async () => {
    const url = await presign(gateway, at);
    const path = url.slice(gateway.endpoint.length);
    expect(await codeOf(sendSigned(gateway, { path }))).toBeDefined();
  });
});

describe('a body of signed chunks', () => {
  const EMPTY = sha256('');

  /** Frames and signs chunks as the S3 API reference describes it. */
  async function sendChunks(
    key: string,
    chunks: readonly string[],
    change = (body: string) => body,
    trailer?: readonly [name: string, value: string],
  ): Promise<Response> {
    const word = `STREAMING-AWS4-HMAC-SHA256-PAYLOAD${trailer === undefined ? '' : '-TRAILER'}`;
    const date = new Date();
    const headers = await signHeaders(
      gateway,
      put(key, '', {
        date,
        headers: {
          'x-amz-content-sha256': word,
          'x-amz-decoded-content-length': String(chunks.join('').length),
          ...(trailer && { 'x-amz-trailer': trailer[0] }),
        },
      }),
    );
    const time = headers['x-amz-date']!;
    const day = time.slice(0, 8);
    const signingKey = deriveSigningKey(gateway.keys.secretOf('operator'), {
      day,
      region: 'us-east-1',
      serviceName: 's3',
    });
    let previous = /Signature=(\w+)/.exec(headers.authorization!)![1]!;
    const sign = (kind: string, ...hashes: string[]) => {
      const scope = `${day}/us-east-1/s3/aws4_request`;
      const text = [`AWS4-HMAC-SHA256-${kind}`, time, scope, previous, ...hashes].join('\n');
      previous = createHmac('sha256', signingKey).update(text).digest('hex');
      return previous;
    };
    const framed = [...chunks, ''].map(
      (chunk) =>
        `${chunk.length.toString(16)};chunk-signature=${sign('PAYLOAD', EMPTY, sha256(chunk))}\r\n${chunk}${chunk && '\r\n'}`,
    );
    const line = trailer?.join(':');
    const end = line && `${line}\r\nx-amz-trailer-signature:${sign('TRAILER', sha256(`${line}\n`))}\r\n`;
    const { host: _, ...others } = headers;
    const body = change(`${framed.join('')}${end ?? ''}\r\n`);
    return fetch(`${gateway.endpoint}/${BUCKET}/${key}`, { method: 'PUT', headers: others, body });
  }

  const FIRST = 'first,'.padEnd(8_192);

  test('is stored, with and without a trailer', async () => {
    expect((await sendChunks('chunks', [FIRST, 'second'])).status).toBe(200);
    expect(await read('chunks')).toBe(`${FIRST}second`);
    const crc32 = ['x-amz-checksum-crc32', 'NSRBwg=='] as const;
    expect((await sendChunks('trailer', ['abc'], undefined, crc32)).status).toBe(200);
    expect(await read('trailer')).toBe('abc');
  });

  test.each<[string, (body: string) => string]>([
    ['changed bytes', (body) => body.replace('first', 'FIRST')],
    ['chunks in another order', (body) => body.replace(/^(.*? \r\n)(.*?second\r\n)/s, '$2$1')],
    ['no signature of a chunk', (body) => body.replace(/;chunk-signature=\w+/, '')],
  ])('with %s is refused, and nothing is stored', async (_, change) => {
    const answer = sendChunks('refused-chunks', [FIRST, 'second'], change);
    expect(await codeOf(answer)).toBe('SignatureDoesNotMatch');
    expect(await read('refused-chunks')).toBeUndefined();
  });

  test('may have fewer than 8,192 bytes in its last chunk only', async () => {
    expect(await codeOf(sendChunks('small-chunks', ['hel', 'lo']))).toBe('InvalidChunkSizeError');
    expect(await read('small-chunks')).toBeUndefined();
  });

  test.each<[string, (body: string) => string, string]>([
    [
      'another trailer than the signed one',
      (body) => body.replace('NSRBwg==', 'AAAAAA=='),
      'SignatureDoesNotMatch',
    ],
    ['no trailer', (body) => body.replace(/x-amz-checksum.*\r\n/, ''), 'MalformedTrailerError'],
  ])('with %s is refused', async (_, change, code) => {
    const crc32 = ['x-amz-checksum-crc32', 'NSRBwg=='] as const;
    expect(await codeOf(sendChunks('refused-trailer', ['abc'], change, crc32))).toBe(code);
  });
});

describe('a service other than S3', async () => {
  const answering: Service = {
    handle: async (_, response) => void response.writeHead(200, { 'content-type': 'text/xml' }).end('{}'),
    writeError: (response, code, status, message) =>
      void response
        .writeHead(status, { 'x-amzn-errortype': code })
        .end(JSON.stringify({ __type: code, message })),
  };
  const others = await startGateway(() => ({ secretsmanager: answering, cloudformation: answering }));
  const request = { method: 'POST', path: '/', service: 'secretsmanager', body: '{}' };
  const codeOfJson = async (answer: Promise<Response>) => (await answer).headers.get('x-amzn-errortype');

  test('takes a signed body', async () => {
    const client = new SecretsManagerClient(configOf(others));
    await expect(client.send(new ListSecretsCommand({}))).resolves.toBeDefined();
  });

  test.each<[string, Partial<RawRequest>, string]>([
    ['another secret', { secretAccessKey: 'operator' }, 'InvalidSignatureException'],
    ['an unknown access key id', { accessKeyId: 'AKIAEXAMPLE' }, 'UnrecognizedClientException'],
    ['an old time', { date: ago(16 * MINUTE) }, 'InvalidSignatureException'],
    ['another region', { region: 'eu-west-1' }, 'InvalidSignatureException'],
    ['another secret', { service: 'cloudformation', secretAccessKey: 'x' }, 'SignatureDoesNotMatch'],
    ['an unknown access key id', { service: 'cloudformation', accessKeyId: 'x' }, 'InvalidClientTokenId'],
  ])('refuses %s', async (_, change, code) => {
    expect(await codeOfJson(sendSigned(others, { ...request, ...change }))).toBe(code);
  });

  test('refuses a body that was changed after it was signed', async () => {
    const { host: _, ...headers } = await signHeaders(others, request);
    const answer = fetch(others.endpoint, { method: 'POST', headers, body: '{ }' });
    expect(await codeOfJson(answer)).toBe('InvalidSignatureException');
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
