import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSignInLink } from '../../../../local/gateway/sign-in.ts';
import { AccessKeys } from '../../../../local/iam/access-keys.ts';
import { startApis } from '../api-gateway/running-apis.ts';

const { endpoint, httpPath, gateway, keys } = await startApis({
  code: 'export const handler = async ({ requestContext }) => requestContext.authorizer ?? {}',
});
const { host, port } = new URL(endpoint);
const PAGE = `${httpPath}/open`;
const ITEMS = `${httpPath}/stores/main/items`;
const newLink = () =>
  createSignInLink({ endpoint, signInSecret: gateway.signIn.secret }, `${endpoint}${PAGE}`);

async function send(target: string, headers: Record<string, string> = {}, method = 'GET', body = '') {
  const { promise, resolve, reject } = Promise.withResolvers<import('node:http').IncomingMessage>();
  const path = target.replace(endpoint, '');
  request({ host: '127.0.0.1', port, path, method, headers }, resolve).on('error', reject).end(body);
  const answer = await promise;
  const chunks = await answer.toArray();
  return { status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() };
}

/** Signs in as a browser does. @returns the cookie */
async function signIn(): Promise<string> {
  const { headers } = await send(newLink());
  return headers['set-cookie']![0]!.split(';')[0]!;
}
const PAGE_OF_GATEWAY = { 'sec-fetch-site': 'same-origin' };

afterEach(() => {
  vi.useRealTimers();
});

describe('a link', () => {
  it('leads to its page, with a cookie that only requests to APIs of this site have', async () => {
    const { status, headers } = await send(newLink());
    expect([status, headers.location]).toEqual([303, PAGE]);
    const [value, ...attributes] = headers['set-cookie']![0]!.split('; ');
    expect(value).toMatch(new RegExp(`^session-${port}=`));
    expect(attributes.sort()).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/_api/', 'SameSite=Strict']);
  });

  it('works once', async () => {
    const link = newLink();
    await send(link);
    const { status, headers, text } = await send(link);
    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
    expect(text).toContain('This link was used before, or it is too old.');
    expect(text).toContain(`<a href="${PAGE}">continue</a>`);
  });

  it('is not used up by a program that only looks at it', async () => {
    const link = newLink();
    expect((await send(link, {}, 'HEAD')).status).toBe(403);
    expect((await send(link)).status).toBe(303);
  });

  it('is too old after an hour', async () => {
    const link = newLink();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 });
    expect((await send(link)).status).toBe(403);
  });

  it.each([
    ['without a code', () => newLink().replace(/code=[^&]*/, '')],
    [
      'with a code of another start',
      () => createSignInLink({ endpoint, signInSecret: 's' }, `${endpoint}${PAGE}`),
    ],
    ['whose time was changed', () => newLink().replace(/code=\d/, 'code=9')],
    ['to another host', () => newLink().replace(/to=.*/, 'to=//evil.example/_api/a')],
    ['to another host by a URL', () => newLink().replace(/to=.*/, 'to=https://evil.example/_api/a')],
    ['to an object', () => newLink().replace(/to=.*/, 'to=/_api/../uploads/evil.html')],
    ['to a script', () => newLink().replace(/to=.*/, 'to=/_api/a"><script>')],
    ['to a second host behind a slash', () => newLink().replace(/to=.*/, 'to=/_api//evil.example')],
  ])('%s is refused', async (_, link) => {
    const { status, headers, text } = await send(link());
    expect([status, headers['set-cookie'], headers.location]).toEqual([403, undefined, undefined]);
    expect(text).not.toMatch(/script|evil/);
  });

  it('is refused under a name of another host', async () => {
    const { status, headers } = await send(newLink(), { host: `evil.example:${port}` });
    expect([status, headers['set-cookie']]).toEqual([403, undefined]);
  });
});

describe('a page of the gateway', () => {
  it('calls an API as the operator', async () => {
    const cookie = await signIn();
    for (const [method, headers] of [
      ['GET', PAGE_OF_GATEWAY],
      ['GET', { ...PAGE_OF_GATEWAY, origin: endpoint }],
      ['GET', { 'sec-fetch-site': 'none' }],
      ['POST', { ...PAGE_OF_GATEWAY, origin: endpoint }],
    ] as const) {
      const { status, text } = await send(ITEMS, { cookie: `other=1; ${cookie}`, ...headers }, method, '');
      expect(status).toBe(200);
      expect(JSON.parse(text).iam.accessKey).toBe('operator');
    }
  });

  it('keeps its session over a restart', async () => {
    const cookie = await signIn();
    const again = new AccessKeys('secret of the test');
    expect(again.sessionSecret).toBe(keys.sessionSecret);
    expect(new AccessKeys('another secret').sessionSecret).not.toBe(keys.sessionSecret);
    expect((await send(ITEMS, { cookie, ...PAGE_OF_GATEWAY })).status).toBe(200);
  });

  it('has to sign in again after twelve hours', async () => {
    const cookie = await signIn();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 12 * 3_600_000 + 1_000 });
    expect((await send(ITEMS, { cookie, ...PAGE_OF_GATEWAY })).status).toBe(403);
  });

  it('uses the caller of the request’s own signature or token, if it has one', async () => {
    const cookie = await signIn();
    const headers = { cookie, ...PAGE_OF_GATEWAY, authorization: 'Bearer x' };
    expect((await send(ITEMS, headers)).status).toBe(403);
  });
});

const ownPost = { origin: endpoint, ...PAGE_OF_GATEWAY };
describe('a cookie', () => {
  it.each<[string, string, Record<string, string>]>([
    ['of another site’s page', 'GET', { 'sec-fetch-site': 'cross-site' }],
    ['of another site’s form', 'POST', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of a page on another port', 'GET', { 'sec-fetch-site': 'same-site' }],
    [
      'of a page on another port that names its origin',
      'GET',
      { origin: 'http://127.0.0.1:1', ...PAGE_OF_GATEWAY },
    ],
    ['of a page in a file', 'POST', { origin: 'null', ...PAGE_OF_GATEWAY }],
    ['of a page over TLS', 'POST', { origin: `https://${host}`, ...PAGE_OF_GATEWAY }],
    ['of a POST without an origin', 'POST', PAGE_OF_GATEWAY],
    ['of a program that is not a browser', 'GET', {}],
    [
      'of a page whose host name was changed to this address',
      'GET',
      { host: `evil.example:${port}`, ...PAGE_OF_GATEWAY },
    ],
  ])('%s is no permission', async (_, method, headers) => {
    const cookie = await signIn();
    expect((await send(ITEMS, { cookie, ...headers }, method)).status).toBe(403);
  });

  const seal = (secret: string, text: string) =>
    `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  it.each<[string, (cookie: string) => string]>([
    ['another signature', (cookie) => `${cookie.slice(0, -4)}AAAA`],
    ['a later end', (cookie) => cookie.replace(/=\d/, '=9')],
    ['the name of another port', (cookie) => cookie.replace(`session-${port}`, 'session-1')],
    ['the code of a link', () => `session-${port}=${new URL(newLink()).searchParams.get('code')}`],
    [
      'the secret access key of a user',
      () => `session-${port}=${seal(keys.secretOf('sessions'), '9999999999.a')}`,
    ],
    ['no signature', () => `session-${port}=9999999999.a`],
    ['no value', () => `session-${port}=`],
  ])('with %s is forged', async (_, forge) => {
    const cookie = forge(await signIn());
    expect((await send(ITEMS, { cookie, ...PAGE_OF_GATEWAY })).status).toBe(403);
  });

  it('reaches no service but the APIs', async () => {
    const cookie = await signIn();
    for (const headers of [PAGE_OF_GATEWAY, ownPost, { 'sec-fetch-site': 'none' }]) {
      expect((await send('/uploads?list-type=2', { cookie, ...headers })).status).not.toBe(200);
      for (const target of ['AmazonSQS.ReceiveMessage', 'secretsmanager.GetSecretValue']) {
        const call = {
          cookie,
          ...headers,
          'x-amz-target': target,
          'content-type': 'application/x-amz-json-1.0',
        };
        expect((await send('/', call, 'POST', '{}')).status).not.toBe(200);
      }
      const sql = { cookie, ...headers, 'content-type': 'application/json' };
      expect((await send('/Execute', sql, 'POST', '{"sql":"SELECT 1"}')).status).not.toBe(200);
    }
  });
});
