import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it, test } from 'vitest';
import { addFunction, allow } from '../running-gateway.ts';
import { BUCKET, startS3 } from './running-s3.ts';

const s3 = await startS3();
addFunction(s3.access, 'uploader', [allow('s3:PutObject', `arn:aws:s3:::${BUCKET}/incoming/*`)]);

type Fields = Record<string, string>;

interface Form {
  readonly key?: string;
  readonly conditions?: readonly unknown[];
  readonly expiration?: string;
  /** Fields in addition to those of the signature, which the policy must allow. */
  readonly fields?: Fields;
  /** Changes of the signed form. */
  readonly changes?: Fields;
  readonly content?: string;
  readonly bucket?: string;
  readonly accessKeyId?: string;
}

const TODAY = new Date().toISOString().slice(0, 10).replaceAll('-', '');
const inOneMinute = () => new Date(Date.now() + 60_000).toISOString();

/** Signs a form as `createPresignedPost` of the SDK does. */
function signForm(form: Form): FormData {
  const { key = 'incoming/a.csv', accessKeyId = 'uploader', expiration = inOneMinute() } = form;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = { day: time.slice(0, 8), region: 'us-east-1', serviceName: 's3' };
  const signed: Fields = {
    bucket: BUCKET,
    key,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${accessKeyId}/${scope.day}/us-east-1/s3/aws4_request`,
    'X-Amz-Date': time,
    ...form.fields,
  };
  const own = Object.entries(signed).map(([name, value]) => ({ [name]: value }));
  const policy = JSON.stringify({ expiration, conditions: form.conditions ?? own });
  const Policy = Buffer.from(policy).toString('base64');
  const signingKey = s3.keys.signingKey(accessKeyId, scope);
  const signature = createHmac('sha256', signingKey).update(Policy).digest('hex');
  const data = new FormData();
  const all = { ...signed, Policy, 'X-Amz-Signature': signature, ...form.changes };
  for (const [name, value] of Object.entries(all)) data.set(name, value);
  data.set('file', new Blob([form.content ?? 'id\n1\n']), 'till-7.csv');
  return data;
}

async function post(form: Form): Promise<{ status: number; body: string; headers: Headers }> {
  const { bucket = BUCKET } = form;
  const answer = await fetch(`${s3.endpoint}/${bucket}`, { method: 'POST', body: signForm(form) });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

const isKept = (Key: string) =>
  s3.operator.send(new HeadObjectCommand({ Bucket: BUCKET, Key })).then(
    () => true,
    () => false,
  );

describe('a form that is signed', () => {
  it('stores its file with its headers, and announces it as a post', async () => {
    const fields = { 'Content-Type': 'text/csv', 'x-amz-meta-till': '7', 'x-ignore-note': 'any' };
    const { status, headers } = await post({ key: 'incoming/typed.csv', fields });
    expect([status, headers.get('etag')]).toEqual([204, expect.stringMatching(/^"\w{32}"$/)]);
    const at = { Bucket: BUCKET, Key: 'incoming/typed.csv' };
    const object = await s3.operator.send(new GetObjectCommand(at));
    expect(await object.Body!.transformToString()).toBe('id\n1\n');
    expect(object).toMatchObject({ ContentType: 'text/csv', Metadata: { till: '7' } });
    expect(s3.announced.at(-1)).toMatchObject({ kind: 'Post', version: { key: 'incoming/typed.csv' } });
  });

  it('answers 201 with the key that its file name gives, on request', async () => {
    const fields = { success_action_status: '201' };
    const key = `incoming/${'$'}{filename}`;
    const { status, body } = await post({ key, fields });
    expect(status).toBe(201);
    expect(body).toContain('<Key>incoming/till-7.csv</Key>');
    expect(await isKept('incoming/till-7.csv')).toBe(true);
  });

  it('is valid for a policy whose sizes allow its file', async () => {
    const key = 'incoming/sizes.csv';
    const conditions = [
      ['starts-with', '$key', 'incoming/'],
      ['content-length-range', 5, 5],
      ['eq', '$bucket', BUCKET],
      ...['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date'].map((field) => [
        'starts-with',
        `$${field}`,
        '',
      ]),
    ];
    expect(await post({ key, conditions })).toMatchObject({ status: 204 });
  });
});

describe('a form is refused', () => {
  const ofSignature = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date'];
  const any = (...names: string[]) =>
    [...ofSignature, ...names].map((name) => ['starts-with', `$${name}`, '']);

  it.each<[string, Form]>([
    ['403 AccessDenied Policy expired', { expiration: new Date(Date.now() - 1_000).toISOString() }],
    [
      '403 AccessDenied Policy Condition failed: ["eq","$key","incoming/a.csv"]',
      { changes: { key: 'incoming/b.csv' } },
    ],
    ['403 AccessDenied Extra input fields: x-amz-meta-a', { changes: { 'x-amz-meta-a': '1' } }],
    ['403 AccessDenied Policy Condition failed', { bucket: 'archive' }],
    [
      '403 AccessDenied Policy Condition failed',
      { conditions: [...any('key', 'bucket'), { acl: 'private' }] },
    ],
    ['403 AccessDenied not authorized to perform: s3:PutObject', { key: 'failed/a.csv' }],
    ['403 SignatureDoesNotMatch', { changes: { Policy: Buffer.from('{}').toString('base64') } }],
    ['403 SignatureDoesNotMatch', { changes: { 'X-Amz-Signature': '0'.repeat(64) } }],
    ['403 AccessDenied no policy', { changes: { Policy: '' } }],
    ['403 InvalidAccessKeyId', { accessKeyId: 'nobody' }],
    ['400 InvalidArgument X-Amz-Credential', { changes: { 'X-Amz-Credential': 'uploader/20260101/x/s3/y' } }],
    ...['uploader//us-east-1/s3/aws4_request', `uploader/${TODAY}/us-east-1/s3/aws4_request/x`].map(
      (credential): [string, Form] => [
        '400 InvalidArgument X-Amz-Credential',
        { fields: { 'X-Amz-Credential': credential } },
      ],
    ),
    [
      '403 AccessDenied seven days',
      {
        fields: {
          'X-Amz-Date': '20200101T000000Z',
          'X-Amz-Credential': 'uploader/20200101/us-east-1/s3/aws4_request',
        },
      },
    ],
    ['400 InvalidPolicyDocument', { conditions: [['like', '$key', 'a']] }],
    ['400 InvalidPolicyDocument', { expiration: 'tomorrow' }],
    ['400 EntityTooLarge', { conditions: [...any('key', 'bucket'), ['content-length-range', 0, 4]] }],
    ['400 EntityTooSmall', { conditions: [...any('key', 'bucket'), ['content-length-range', 6, 9]] }],
    [
      '400 EntityTooLarge',
      {
        conditions: [...any('key', 'bucket'), ['content-length-range', 0, 9]],
        content: 'x'.repeat(5_000_000),
      },
    ],
    ['400 MaxPostPreDataLengthExceeded', { fields: { 'x-amz-meta-a': 'x'.repeat(21_000) } }],
    ['400 InvalidArgument key', { key: '' }],
    ['400 KeyTooLongError', { key: `incoming/${'x'.repeat(1_100)}` }],
    ['501 NotImplemented success_action_redirect', { fields: { success_action_redirect: 'http://a' } }],
    ['501 NotImplemented x-amz-checksum-crc32', { fields: { 'x-amz-checksum-crc32': 'AAAAAA==' } }],
    ['404 NoSuchBucket', { bucket: 'nothing' }],
  ])('as %s', async (expected, form) => {
    const before = s3.announced.length;
    const { status, body } = await post(form);
    const [wantedStatus, code, ...words] = expected.split(' ');
    expect([status, body]).toEqual([Number(wantedStatus), expect.stringContaining(`<Code>${code}</Code>`)]);
    expect(body.replaceAll('&quot;', '"')).toContain(words.join(' '));
    expect(s3.announced.length).toBe(before);
  });

  it.each<[string, string]>([
    ['', 'MalformedPOSTRequest'],
    ['--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf', 'AccessDenied'],
    ['--b\r\nContent-Disposition: form-data; name="key"\r\n\r\na\r\n--b--\r\n', 'InvalidArgument'],
    ['--c\r\n\r\n', 'MalformedPOSTRequest'],
    ['--b\r\nnonsense\r\n\r\n--b--\r\n', 'InvalidArgument'],
  ])('without a whole file: %j', async (body, code) => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const answer = await fetch(`${s3.endpoint}/${BUCKET}`, { method: 'POST', headers, body });
    expect(await answer.text()).toContain(code);
    expect(answer.status).toBeLessThan(500);
  });

  it('without a boundary', async () => {
    const headers = { 'content-type': 'multipart/form-data; x=y' };
    const answer = await fetch(`${s3.endpoint}/${BUCKET}`, { method: 'POST', headers, body: 'a' });
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringContaining('MalformedPOSTRequest'),
    ]);
  });
});

test('a form that ends in the middle of its file stores nothing', async () => {
  const key = 'incoming/half.csv';
  const encoded = new Response(signForm({ key, content: 'x'.repeat(200_000) }));
  const bytes = Buffer.from(await encoded.arrayBuffer());
  const send = (length: number, size: number) => {
    const headers = { 'content-type': encoded.headers.get('content-type')!, 'content-length': length };
    const { promise, resolve } = Promise.withResolvers<string>();
    const outgoing = request(`${s3.endpoint}/${BUCKET}`, { method: 'POST', headers }, (response) =>
      text(response).then(resolve),
    );
    outgoing.once('error', (error) => resolve(error.message));
    outgoing.write(bytes.subarray(0, size));
    if (length === size) outgoing.end();
    else setTimeout(() => outgoing.destroy(), 200);
    return promise;
  };
  // The request is whole, but the form in it is not.
  expect(await send(100_000, 100_000)).toContain('MalformedPOSTRequest');
  // The connection breaks.
  expect(await send(bytes.length, 100_000)).toBe('socket hang up');
  expect(await isKept(key)).toBe(false);
  expect(s3.faults).toEqual([]);
});
