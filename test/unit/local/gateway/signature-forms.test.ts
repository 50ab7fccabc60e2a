import { createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { deriveSigningKey } from '../../../../local/iam/access-keys.ts';
import { BUCKET, startS3 } from '../s3/running-s3.ts';

const gateway = await startS3();
const host = gateway.endpoint.slice('http://'.length);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const NOW = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
const DAY = NOW.slice(0, 8);
const LIST = { path: `/${BUCKET}`, query: '' };

interface Form {
  readonly time: string;
  readonly day: string;
  readonly names: readonly string[];
  /** Changes the header once it is signed. */
  readonly change: (authorization: string) => string;
  readonly query: string;
}

/** Signs a listing in another form than that of AWS, with the right secret, and sends it. */
async function send(form: Partial<Form>): Promise<string | undefined> {
  const { time = NOW, day = DAY, query = LIST.query, change = (header) => header } = form;
  const { names = ['host', 'x-amz-content-sha256', 'x-amz-date'] } = form;
  const headers: Record<string, string> = { host, 'x-amz-content-sha256': sha256(''), 'x-amz-date': time };
  const canonicalRequest = [
    'GET',
    LIST.path,
    query,
    ...names.map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    names.join(';'),
    sha256(''),
  ].join('\n');
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const key = deriveSigningKey(gateway.keys.secretOf('operator'), {
    day,
    region: 'us-east-1',
    serviceName: 's3',
  });
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonicalRequest)].join('\n');
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const authorization = change(
    `AWS4-HMAC-SHA256 Credential=operator/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  );
  const { host: _, ...others } = headers;
  const url = `${gateway.endpoint}${LIST.path}${query && `?${query}`}`;
  const answer = await fetch(url, { headers: { ...others, authorization } });
  return /<Code>(\w+)/.exec(await answer.text())?.[1];
}

test('a signature in the form of AWS is accepted', async () => {
  expect(await send({})).toBeUndefined();
});

const MALFORMED = 'AuthorizationHeaderMalformed';
const ISO = new Date().toISOString();

test.each<[string, Partial<Form>, string]>([
  ['a time in another form', { time: ISO, day: ISO.slice(0, 8) }, MALFORMED],
  ['no day', { day: '' }, MALFORMED],
  ['a part of the day', { day: DAY.slice(0, 6) }, MALFORMED],
  [
    'a longer credential',
    { change: (header) => header.replace('aws4_request', 'aws4_request/x') },
    MALFORMED,
  ],
  ['two signatures', { change: (header) => `${header}, ${header.split(', ')[2]}` }, MALFORMED],
  ['an unknown part', { change: (header) => `${header}, Expires=60` }, MALFORMED],
  ['a second signature in the query', { query: 'X-Amz-Signature=0' }, MALFORMED],
  ['unsorted headers', { names: ['x-amz-date', 'host', 'x-amz-content-sha256'] }, 'SignatureDoesNotMatch'],
  [
    'a header that is not there',
    { names: ['host', 'x-amz-acl', 'x-amz-content-sha256', 'x-amz-date'] },
    'SignatureDoesNotMatch',
  ],
  [
    'a header that is signed twice',
    { names: ['host', 'host', 'x-amz-content-sha256', 'x-amz-date'] },
    'SignatureDoesNotMatch',
  ],
])('a valid signature over %s is refused', async (_, form, code) => {
  expect(await send(form)).toBe(code);
});
