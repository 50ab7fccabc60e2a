import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';
import { explainError } from '../../../../cli/aws/explain-error.ts';
import { HttpApi, HttpCaller } from '../../../../cli/send/http-api.ts';

const RECEIPT = '01234567-89ab-8def-8123-456789abcdef';
const LINES = [
  { number: 1, text: '{"id":1}' },
  { number: 4, text: '{"id":2}' },
];
const { config } = new SQSClient({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
});

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}
type Request = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: string };

const ACCEPTED: Answer = { status: 202, body: { receipt: RECEIPT, accepted: 2, refused: [] } };
let server: Server | undefined;
afterEach(() => void server?.close().closeAllConnections());

/** Starts an API with prepared answers; undefined closes the connection. */
async function startApi(answers: (Answer | undefined)[], token?: string) {
  const requests: Request[] = [];
  const notes: string[] = [];
  server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: Buffer.concat(await request.toArray()).toString() });
    const answer = answers.shift();
    if (answer === undefined) return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const api = new HttpApi(`http://127.0.0.1:${port}/_api/a1`, 'oslo', config, token);
  const onRetry = ({ message }: Error) => void notes.push(message);
  return { caller: new HttpCaller(api, { onRetry, firstDelayMilliseconds: 1 }), requests, notes };
}

test('a call is one signed request with the lines as they are', async () => {
  const { caller, requests } = await startApi([ACCEPTED]);
  expect(await caller.send(LINES)).toEqual(ACCEPTED.body);
  expect(requests).toEqual([
    {
      method: 'POST',
      url: '/_api/a1/stores/oslo/transactions',
      headers: expect.objectContaining({
        'content-type': 'application/x-ndjson',
        authorization: expect.stringMatching(
          /Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
        ),
      }),
      body: '{"id":1}\n{"id":2}\n',
    },
  ]);
});

test('a call is repeated with the same body after 429, 503 and a lost connection', async () => {
  const retryNow = { 'retry-after': '0' };
  const { caller, requests, notes } = await startApi([
    { status: 429, body: { message: 'Too Many Requests' } },
    { status: 503, headers: retryNow, body: { title: 'x', detail: 'Nothing was accepted.' } },
    undefined,
    ACCEPTED,
  ]);
  expect(await caller.send(LINES)).toEqual(ACCEPTED.body);
  expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
  expect(notes).toEqual([
    'the HTTP API answered 429: Too Many Requests',
    'the HTTP API answered 503: Nothing was accepted.',
    expect.stringContaining('did not answer'),
  ]);
});

test('Retry-After is the delay before the next try', async () => {
  const { caller } = await startApi([{ status: 503, headers: { 'retry-after': '1' }, body: {} }, ACCEPTED]);
  const start = Date.now();
  await caller.send(LINES);
  expect(Date.now() - start).toBeGreaterThanOrEqual(1_000);
});

test('a refused call is not repeated', async () => {
  const { caller, requests } = await startApi([
    { status: 413, body: { detail: 'Send them in several requests.' } },
  ]);
  await expect(caller.send(LINES)).rejects.toThrow(
    'the HTTP API answered 413: Send them in several requests.',
  );
  expect(requests).toHaveLength(1);
});

test('a caller without the permission learns which one is missing, and which policy has it', async () => {
  const { caller } = await startApi([{ status: 403, body: { message: 'Forbidden' } }]);
  const error = await caller.send(LINES).catch((caught: unknown) => caught);
  const explained = explainError(error, {
    stage: 'dev',
    knownStages: ['dev'],
    operatorPolicyArn: 'arn:policy',
  });
  expect((explained as Error).message).toMatch(
    /^the permission execute-api:Invoke on POST \/stores\/\{store\}\/transactions is missing\. .*arn:policy \(output OperatorPolicyArn/,
  );
});

test('a token is sent in place of a signature', async () => {
  const { caller, requests } = await startApi([ACCEPTED], 'a.b.c\n');
  expect(await caller.send(LINES)).toEqual(ACCEPTED.body);
  expect(requests[0]!.headers).toMatchObject({ authorization: 'Bearer a.b.c' });
  expect(requests[0]!.headers).not.toHaveProperty('x-amz-date');
});

test.each([
  ['without a token', undefined, {}, 'set RETAIL_API_TOKEN, or add --token'],
  ['with one that is not valid', 'a.b.c', {}, 'does not accept the token (it may have expired)'],
  [
    'with one for another audience',
    'a.b.c',
    { 'www-authenticate': 'Bearer error="invalid_token" error_description="no valid audience"' },
    'does not accept the token (no valid audience): get another one',
  ],
])('a caller %s learns what to do where only tokens are accepted', async (_, token, headers, advice) => {
  const { caller } = await startApi([{ status: 401, headers, body: { message: 'Unauthorized' } }], token);
  await expect(caller.send(LINES)).rejects.toThrow(advice);
});

test('a token that does not allow the store is not a missing permission', async () => {
  const detail = 'The token does not allow the store "oslo". Ask for another token.';
  const { caller } = await startApi([{ status: 403, body: { detail } }], 'a.b.c');
  const error = (await caller.send(LINES).catch((caught: unknown) => caught)) as Error;
  expect([error.name, error.message]).toEqual(['UserError', `the HTTP API answered 403: ${detail}`]);
});

test('the calls end after the tenth failure', async () => {
  const { caller, requests } = await startApi(
    Array.from({ length: 20 }, () => ({
      status: 503,
      headers: { 'retry-after': '0' },
      body: { detail: 'Away.' },
    })),
  );
  await expect(caller.send(LINES)).rejects.toThrow('the HTTP API answered 503: Away., 10 times');
  expect(requests).toHaveLength(10);
});
