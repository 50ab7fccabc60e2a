import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApis } from './running-apis.ts';

const CODE = `export const handler = async (event) => {
  const { routeKey } = event.requestContext;
  const ticket = event.queryStringParameters?.ticket ?? '';
  if (routeKey === '$connect') return { statusCode: Number(ticket.split('-')[1] ?? 200) };
  if (event.body === 'throw') throw new Error('a secret of the function');
  if (event.body === 'huge') return { statusCode: 200, body: 'x'.repeat(200_000) };
  if (event.body === 'silent') return { statusCode: 200 };
  return { statusCode: 200, body: JSON.stringify(event) };
}`;
const AUTHORIZER_CODE = `export const handler = async (event) => {
  const ticket = event.queryStringParameters.ticket;
  const policyDocument = (Effect, Resource = event.methodArn) =>
    ({ Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] });
  if (ticket === 'unauthorized') throw new Error('Unauthorized');
  if (ticket === 'throw') throw new Error('other');
  if (ticket === 'nonsense') return { isAuthorized: true };
  if (ticket === 'variable') return { principalId: 'a', policyDocument: policyDocument('Allow', 'a\${b}') };
  if (ticket === 'elsewhere') return { principalId: 'a', policyDocument: policyDocument('Allow', event.methodArn + 'x') };
  if (ticket === 'object') return { principalId: 'a', policyDocument: policyDocument('Allow'), context: { a: {} } };
  const Effect = ticket.startsWith('good') ? 'Allow' : 'Deny';
  return { principalId: 'till', policyDocument: policyDocument(Effect), context: { store: ticket, kind: event.type } };
}`;
const LIMITS = { frameBytes: 32_768, messageBytes: 131_072, idleMilliseconds: 700, lifeMilliseconds: 2_500 };
const apis = await startApis({ code: CODE, authorizerCode: AUTHORIZER_CODE }, LIMITS);

interface Message {
  readonly [name: string]: unknown;
  readonly requestContext: Record<string, unknown>;
}

/** A client with the messages that it received. */
async function connect(ticket = 'good') {
  const socket = new WebSocket(`${apis.socketUrl}?ticket=${ticket}`);
  const messages: string[] = [];
  const closed = Promise.withResolvers<number>();
  socket.on('message', (data) => messages.push(data.toString()));
  socket.once('close', (code) => closed.resolve(code));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('open', resolve).once('error', reject);
  await promise;
  const ask = async (message: string) => {
    const before = messages.length;
    socket.send(message);
    await expect.poll(() => messages.length, { timeout: 5_000 }).toBeGreaterThan(before);
    return messages.at(-1)!;
  };
  return { socket, messages, closed: closed.promise, ask };
}

/** Requests a connection. @returns the status and body of an answer without one */
function refusal(query: string, url = apis.socketUrl, headers: Record<string, string> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const upgrade = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...headers,
  };
  const sent = request(url.replace('ws:', 'http:') + query, { headers: upgrade }, (answer) => {
    text(answer).then((body) => resolve(`${answer.statusCode} ${body}`), reject);
  });
  sent.once('upgrade', (_, socket) => resolve(socket.destroy() && 'a connection'));
  sent.once('error', reject).end();
  return promise;
}

describe('a connection', () => {
  it.each([
    ['401 {"message":"Unauthorized"}', ''],
    ['401 {"message":"Unauthorized"}', '?ticket='],
    ['401 {"message":"Unauthorized"}', '?other=good'],
    ['401 {"message":"Unauthorized"}', '?ticket=unauthorized'],
    ['403 {"message":"Forbidden"}', '?ticket=bad'],
    ['403 {"message":"Forbidden"}', '?ticket=elsewhere'],
    ['403 {"message":"Refused"}', '?ticket=good-403'],
    ['500 {"message":"Internal Server Error"}', '?ticket=good-503'],
    ['500 {"message":"Internal Server Error"}', '?ticket=throw'],
    ['500 {"message":"Internal Server Error"}', '?ticket=nonsense'],
    ['500 {"message":"Internal Server Error"}', '?ticket=variable'],
    ['500 {"message":"Internal Server Error"}', '?ticket=object'],
  ])('is refused with %s: %s', async (expected, query) => {
    expect(await refusal(query)).toBe(expected);
  });

  it('is refused elsewhere than at a stage of a WebSocket API', async () => {
    const forbidden = '403 {"message":"Forbidden"}';
    expect(await refusal('/other?ticket=good')).toBe(forbidden);
    expect(await refusal('?ticket=good', apis.socketUrl.replace('/live', '/test'))).toBe(forbidden);
    expect(await refusal('/open', apis.httpUrl)).toBe(forbidden);
    expect(await refusal('?ticket=good', apis.socketUrl, { host: 'evil.example' })).toBe('400 ');
  });

  it('has the context of its authorizer in each event', async () => {
    const { socket, ask } = await connect('good-200');
    const event = JSON.parse(await ask('{"action":"any"}')) as Message;
    expect(event).toMatchObject({ body: '{"action":"any"}', isBase64Encoded: false });
    expect(event.requestContext).toMatchObject({
      ...{ routeKey: '$default', eventType: 'MESSAGE', messageDirection: 'IN', stage: 'live' },
      authorizer: { principalId: 'till', store: 'good-200', kind: 'REQUEST' },
      connectionId: expect.stringMatching(/^.{15}=$/),
    });
    socket.close();
  });

  it('from a web page is allowed', async () => {
    expect(await refusal('?ticket=good', apis.socketUrl, { origin: 'https://shop.example' })).toBe(
      'a connection',
    );
  });
});

describe('a message', () => {
  it('has no answer on a route without a route response, or from a function without a body', async () => {
    const { socket, messages, ask } = await connect();
    socket.send('{"action":"quiet"}');
    socket.send('silent');
    await ask('later');
    expect(messages).toHaveLength(1);
    socket.close();
  });

  it.each([
    'not JSON',
    '[]',
    'null',
    '{"action":"$connect"}',
    '{"action":{"a":1}}',
    '{"action":"__proto__"}',
    '',
  ])('goes to $default: %s', async (message) => {
    const { socket, ask } = await connect();
    const event = JSON.parse(await ask(message)) as Message;
    expect([event.body, event.requestContext.routeKey]).toEqual([message, '$default']);
    socket.close();
  });

  it.each(['throw', 'huge'])(
    'that fails has an answer without the reason, and the connection lives: %s',
    async (message) => {
      const { socket, ask } = await connect();
      apis.problems.length = 0;
      const answer = JSON.parse(await ask(message)) as object;
      expect(answer).toEqual({
        message: 'Internal server error',
        connectionId: expect.any(String),
        requestId: expect.any(String),
      });
      expect(apis.problems).toHaveLength(1);
      expect(await ask('again')).toContain('"again"');
      socket.close();
    },
  );

  it('may have 128 KiB in frames of 32 KiB', async () => {
    const { socket, messages, closed } = await connect();
    const part = 'x'.repeat(32_768);
    const sendParts = (count: number) => {
      for (let sent = 0; sent < count; sent++) socket.send(part, { fin: false });
    };
    sendParts(3);
    socket.send(part, { fin: true });
    await expect.poll(() => messages.length, { timeout: 5_000 }).toBe(1);
    // The event with the message is longer than an answer may be.
    expect(messages[0]).toContain('Internal server error');
    sendParts(4);
    socket.send('x', { fin: true });
    expect(await closed).toBe(1009);
  });

  it.each<[number, string, string | Buffer]>([
    [1009, 'a frame above 32 KiB', 'x'.repeat(32_769)],
    [1009, 'a frame above 64 KiB', 'x'.repeat(70_000)],
    [1003, 'bytes', Buffer.from('abc')],
  ])('closes the connection with %i: %s', async (code, _, message) => {
    const { socket, closed, messages } = await connect();
    socket.send(message);
    expect(await closed).toBe(code);
    expect(messages).toEqual([]);
  });
});

describe('the time of a connection', () => {
  it('ends when it is idle', async () => {
    const { closed } = await connect();
    const start = Date.now();
    expect(await closed).toBe(1001);
    expect(Date.now() - start).toBeLessThan(2_000);
  });

  it('ends after its life even if it is used', async () => {
    const { socket, closed } = await connect();
    const start = Date.now();
    const timer = setInterval(() => socket.send('ping'), 200);
    expect(await closed).toBe(1001);
    clearInterval(timer);
    expect(Date.now() - start).toBeGreaterThan(1_500);
  });
});

test('no request was an error of the local cloud itself', () => {
  expect(apis.faults).toEqual([]);
});
