import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { describe, expect, it, test } from 'vitest';
import { sendSigned, signHeaders } from '../sign-request.ts';
import { startApis } from './running-apis.ts';

const CODE = `export const handler = async (event) => {
  const wish = event.headers?.['x-wish'];
  if (wish === 'throw') throw new Error('a secret of the function');
  if (wish === 'sleep') await new Promise((done) => setTimeout(done, 50));
  if (wish === 'huge') return { statusCode: 200, body: 'x'.repeat(7_000_000) };
  if (wish !== undefined && wish !== 'sleep') return JSON.parse(wish);
  return { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(event) };
}`;
const apis = await startApis({
  code: CODE,
  // Every file of a folder, and one that has a separate route.
  change: ({ http, handler }) => {
    const integration = new HttpLambdaIntegration('Files', handler, { scopePermissionToRoute: false });
    http.addRoutes({ path: '/files/{file+}', methods: [HttpMethod.GET], integration });
    http.addRoutes({ path: '/files/{name}/info', methods: [HttpMethod.GET], integration });
  },
});
const { httpUrl, httpPath } = apis;

interface HttpEvent {
  readonly [name: string]: unknown;
  readonly requestContext: Record<string, unknown>;
}

async function open(path = '/open', init: RequestInit = {}) {
  const answer = await fetch(httpUrl + path, init);
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

const wish = (result: unknown) => open('/open', { headers: { 'x-wish': JSON.stringify(result) } });

/** Sends a request with a path as it is written, which `fetch` would change. */
function sendRaw(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number | undefined; body: string }>();
  const { port } = new URL(apis.endpoint);
  const sent = request({ host: '127.0.0.1', port, path: httpPath + path, headers, method }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode, body }), reject);
  });
  sent.once('error', reject).end();
  return promise;
}

describe('the event of a function', () => {
  it('has the payload format 2.0', async () => {
    const body = '{"a": 1.0}';
    const { body: answer } = await open('/open?a=1&a=2&b=%C3%A4', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'x=1; y=2', 'User-Agent': 'till/7' },
      body,
    });
    const event = JSON.parse(answer) as HttpEvent;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'POST /open',
      rawPath: '/open',
      rawQueryString: 'a=1&a=2&b=%C3%A4',
      queryStringParameters: { a: '1,2', b: 'ä' },
      cookies: ['x=1', 'y=2'],
      body,
      isBase64Encoded: false,
      headers: { 'content-type': 'application/json', 'content-length': '10' },
    });
    expect(event.requestContext).toMatchObject({
      accountId: '000000000000',
      stage: '$default',
      routeKey: 'POST /open',
      http: { method: 'POST', path: '/open', protocol: 'HTTP/1.1', userAgent: 'till/7' },
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, string | undefined]>([
    ['a type that is not text', '{"a":1}\n', 'application/x-ndjson'],
    ['a type that only ends with json', '{"a":1}', 'application/problem+json'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded'],
    ['no type', new Uint8Array([0x22, 0x22]), undefined],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'application/json'],
  ])('has the body of %s in Base64', async (_, body, type) => {
    const headers = type === undefined ? undefined : { 'content-type': type };
    const answer = await open('/open', { method: 'POST', ...(headers && { headers }), body });
    const event = JSON.parse(answer.body) as HttpEvent;
    expect(event.isBase64Encoded).toBe(true);
    expect(Buffer.from(String(event.body), 'base64')).toEqual(Buffer.from(body));
  });

  it('has the decoded variables of the path, and the caller', async () => {
    const path = `${httpPath}/stores/caf%C3%A9/items`;
    const answer = await sendSigned(apis, { service: 'execute-api', path });
    const event = (await answer.json()) as HttpEvent;
    expect(event).toMatchObject({ rawPath: '/stores/café/items', pathParameters: { store: 'café' } });
    expect(event.requestContext.authorizer).toMatchObject({
      iam: { accessKey: 'operator', userArn: 'arn:aws:iam::000000000000:user/operator' },
    });
  });
});

describe('the answer of a function', () => {
  it.each<[unknown, number, string, string]>([
    [{ statusCode: 202, body: 'ok' }, 202, 'ok', 'text/plain; charset=utf-8'],
    [
      { statusCode: 200, body: 'aGk=', isBase64Encoded: true, headers: { 'content-type': 'a/b' } },
      200,
      'hi',
      'a/b',
    ],
    [{ a: 1 }, 200, '{"a":1}', 'application/json'],
    ['text', 200, 'text', 'application/json'],
    [{ statusCode: 204 }, 204, '', 'text/plain; charset=utf-8'],
  ])('is sent: %j', async (result, status, body, type) => {
    const answer = await wish(result);
    expect([answer.status, answer.body, answer.headers.get('content-type')]).toEqual([status, body, type]);
  });

  it('has its own headers and cookies, and none of the connection', async () => {
    const headers = { 'Retry-After': 5, 'content-length': 1, Connection: 'x' };
    const answer = await wish({ statusCode: 503, headers, cookies: ['a=1', 'b=2'], body: 'later' });
    expect([answer.status, answer.body, answer.headers.get('retry-after')]).toEqual([503, 'later', '5']);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it.each([
    { statusCode: 'ok' },
    { statusCode: 99 },
    { statusCode: 200, body: { a: 1 } },
    { statusCode: 200, headers: { a: {} } },
  ])('is an internal error if API Gateway does not understand it: %j', async (result) => {
    expect(await wish(result)).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it.each(['throw', 'huge'])('is an internal error that does not tell why: %s', async (name) => {
    apis.problems.length = 0;
    const answer = await open('/open', { headers: { 'x-wish': name } });
    expect(answer).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    expect(apis.problems).toHaveLength(1);
  });
});

describe('a request', () => {
  const notFound = { status: 404, body: '{"message":"Not Found"}' };

  it.each(['/nothing', '', '/', '/open/', '//open', '/open/../open', '/stores//items', '/stores/../items'])(
    'without a route is not found: %s',
    async (path) => {
      expect(await sendRaw(path)).toMatchObject(notFound);
    },
  );

  it.each([
    ['/files/a.js', { file: 'a.js' }],
    ['/files/a/b.js', { file: 'a/b.js' }],
    ['/files/a/info', { name: 'a' }],
  ])('for the rest of a path has it in one variable: %s', async (path, pathParameters) => {
    const { status, body } = await open(path);
    expect([status, (JSON.parse(body) as HttpEvent).pathParameters]).toEqual([200, pathParameters]);
  });

  // Whether API Gateway takes a path without a rest is not documented.
  it.each(['/files', '/files/', '/files//a', '/files/a/..', '/files/./a', '/files/a/'])(
    'for the rest of a path has no place for %s',
    async (path) => {
      expect(await sendRaw(path)).toMatchObject(notFound);
    },
  );

  it('with an encoded slash in its path is not found', async () => {
    expect(await sendRaw('/stores/a%2fb/items')).toMatchObject(notFound);
    expect(await sendRaw('/stores%2Fmain/items')).toMatchObject(notFound);
  });

  it('with another method is not found', async () => {
    expect(await sendRaw('/open', {}, 'DELETE')).toMatchObject(notFound);
  });

  it('to an unknown API is not found', async () => {
    const answer = await fetch(`${apis.endpoint}/_api/0000000000/open`);
    expect([answer.status, await answer.text()]).toEqual([404, notFound.body]);
  });

  it('whose path is not UTF-8 is refused', async () => {
    expect(await sendRaw('/%ff')).toEqual({ status: 400, body: '{"message":"Bad Request"}' });
  });

  it('to a WebSocket API is forbidden', async () => {
    const answer = await fetch(apis.socketUrl.replace('ws:', 'http:'));
    expect([answer.status, await answer.text()]).toEqual([403, '{"message":"Forbidden"}']);
  });

  it('may have 10,240 bytes of request line and headers', async () => {
    expect((await sendRaw('/open', { 'x-a': 'x'.repeat(10_000) })).status).toBe(200);
    expect((await sendRaw('/open', { 'x-a': 'x'.repeat(10_240) })).status).toBe(431);
  });

  it.each([
    ['above 10 MB', 'text/plain', 10 * 1024 ** 2 + 1],
    ['that is too long for the event of a function', 'text/plain', 7 * 1024 ** 2],
    ['that is too long in Base64', 'a/b', 5 * 1024 ** 2],
  ])('with a body %s is refused', async (_, type, bytes) => {
    const headers = { 'content-type': type };
    const answer = await open('/open', { method: 'POST', headers, body: Buffer.alloc(bytes, 'x') });
    expect(answer).toMatchObject({ status: 413, body: '{"message":"Request Entity Too Large"}' });
  });

  it('waits for its turn where many come at once, and none fails', async () => {
    const headers = { 'x-wish': 'sleep' };
    const all = await Promise.all(Array.from({ length: 60 }, () => open('/open', { headers })));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('a route with IAM', () => {
  const path = `${httpPath}/stores/main/items`;
  const forbidden = [403, '{"message":"Forbidden"}'];
  const send = async (sent: object, changed = {}) => {
    const answer = await sendSigned(apis, { service: 'execute-api', path, ...sent }, changed);
    return [answer.status, await answer.text()];
  };
  const till = { accessKeyId: 'policy-till', method: 'POST', body: '{}' };

  it('allows what the policy of the caller allows, and nothing else', async () => {
    expect((await send(till))[0]).toBe(200);
    expect(await send({ ...till, method: 'GET', body: undefined })).toEqual(forbidden);
    expect(await send({ ...till, path: `${httpPath}/stores/other/items` })).toEqual(forbidden);
    // The variable is "main" too, but the path is not that of the policy.
    expect(await send({ ...till, path: `${httpPath}/stores/m%61in/items` })).toEqual(forbidden);
  });

  it.each<[string, object, Record<string, string>]>([
    ['another secret', { secretAccessKey: 'other' }, {}],
    ['an unknown key', { accessKeyId: 'nobody' }, {}],
    ['an old signature', { date: new Date(Date.now() - 3_600_000) }, {}],
    ['another service', { service: 'sqs' }, {}],
    ['another region', { region: 'eu-west-1' }, {}],
    ['no signature', {}, { authorization: '' }],
    ['a token', {}, { authorization: 'Bearer x' }],
  ])('refuses %s', async (_, sent, changed) => {
    expect(await send({ method: 'POST', body: '{}', ...sent }, changed)).toEqual(forbidden);
  });

  it('refuses a body that is not the signed one, and tells why in a separate header', async () => {
    const { host: _, ...headers } = await signHeaders(apis, {
      service: 'execute-api',
      method: 'POST',
      path,
      body: '{}',
    });
    const answer = await fetch(apis.endpoint + path, { method: 'POST', headers, body: '[]' });
    expect([answer.status, await answer.text()]).toEqual(forbidden);
    expect(answer.headers.get('x-local-cloud-reason')).toContain('signature');
  });
});

describe('CORS', () => {
  const origin = 'https://shop.example';

  it('answers a preflight of an allowed origin without a signature', async () => {
    const headers = { origin, 'access-control-request-method': 'POST', 'sec-fetch-site': 'cross-site' };
    const answer = await open('/stores/main/items', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '3600',
      'access-control-expose-headers': 'retry-after',
    });
  });

  it('names no origin to another one', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    const preflight = await open('/stores/main/items', { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, null]);
    const answer = await open('/open', { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  it('adds its headers to every answer, and replaces those of a function', async () => {
    const own = { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' };
    const answer = await open('/open', { headers: { origin, 'x-wish': JSON.stringify(own) } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    const refused = await open('/stores/main/items', { headers: { origin } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, origin]);
  });

  it('keeps pages away from the services', async () => {
    const answer = await fetch(`${apis.endpoint}/bucket/key`, { headers: { origin } });
    expect(answer.status).toBe(403);
  });
});

test('no request was an error of the local cloud itself', () => {
  expect(apis.faults).toEqual([]);
});
