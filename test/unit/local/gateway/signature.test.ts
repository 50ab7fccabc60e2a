import { expect, test } from 'vitest';
import { readTarget } from '../../../../local/gateway/service.ts';
import { type Signature, Signer } from '../../../../local/gateway/signature.ts';
import { deriveSigningKey } from '../../../../local/iam/access-keys.ts';

/** The examples of the S3 API reference all have these credentials and this time. */
const scope = { day: '20130524', region: 'us-east-1', serviceName: 's3' };
const key = deriveSigningKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope);
const at = { ...scope, accessKeyId: 'AKIAIOSFODNN7EXAMPLE', terminator: 'aws4_request', expires: '' };
const host = 'examplebucket.s3.amazonaws.com';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function signer(signedHeaders: string, value: string): Signer {
  const time = '20130524T000000Z';
  const signature: Signature = {
    ...at,
    time,
    isPresigned: false,
    isComplete: true,
    signedHeaders: signedHeaders.split(';'),
    value,
  };
  return new Signer(key, signature);
}

const headers = (more: Record<string, string>) => ({ host, 'x-amz-date': '20130524T000000Z', ...more });

test.each([
  [
    'GET Object',
    'host;range;x-amz-content-sha256;x-amz-date',
    'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    { method: 'GET', url: '/test.txt', range: 'bytes=0-9', payloadHash: EMPTY },
  ],
  [
    'PUT Object',
    'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    {
      method: 'PUT',
      url: '/test$file.text',
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      payloadHash: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
  ],
  [
    'GET Bucket (List Objects)',
    'host;x-amz-content-sha256;x-amz-date',
    '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    { method: 'GET', url: '/?max-keys=2&prefix=J', payloadHash: EMPTY },
  ],
  [
    'a presigned URL',
    'host',
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    {
      method: 'GET',
      url: '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=x',
      payloadHash: 'UNSIGNED-PAYLOAD',
    },
  ],
])('the published example "%s" has the published signature', (_, names, value, example) => {
  const { method, url, payloadHash, ...more } = example;
  const parts = {
    method,
    url: readTarget(url),
    headers: headers({ 'x-amz-content-sha256': payloadHash, ...more }),
    payloadHash,
  };
  expect(signer(names, value).isSigned(parts)).toBe(true);
  expect(signer(names, value).isSigned({ ...parts, payloadHash: 'UNSIGNED' })).toBe(false);
  expect(signer(names, value.replace(/^./, '0')).isSigned(parts)).toBe(false);
});

test('the chunks of the published example have the published signatures, in their order', () => {
  const chunks: [hash: string, signature: string][] = [
    [
      'bf718b6f653bebc184e1479f1935b8da974d701b893afcf49e701f3e2f9f9c5a',
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    ],
    [
      '2edc986847e209b4016e141a6dc8716d3207350f416969382d431539bf292e4a',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    ],
    [EMPTY, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
  ];
  const seed = '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9';
  const inOrder = signer('host', seed);
  expect(chunks.map(([hash, value]) => inOrder.isChunkSigned(hash, value))).toEqual([true, true, true]);
  const swapped = signer('host', seed);
  expect(swapped.isChunkSigned(...chunks[1]!)).toBe(false);
});

test('the trailer of the published example has the published signature', () => {
  const example = signer('host', '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992');
  const value = 'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435';
  expect(example.isTrailerSigned('x-amz-checksum-crc32c:sOO8/Q==\n', value)).toBe(true);
});
