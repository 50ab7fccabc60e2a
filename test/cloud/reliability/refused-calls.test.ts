import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tillPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { accessKeyOf, OPERATOR_KEY } from '../../../local/iam/access-control.ts';
import { ApiClient, type ApiRequest, ApiSocket } from '../../../tools/api-client.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';

let cloud: AccountedCloud;
let till: string;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
  cloud.begin();
  till = accessKeyOf(cloud.cloud.running.outputs[tillPolicyOutput('main')]!.split('/').at(-1)!);
});
afterAll(() => cloud?.stop());

const TRANSACTIONS = '/stores/main/transactions';
const ITEM =
  '{"id":"00000000-0000-4000-8000-000000000001","transaction_date":"2024-02-05","category":"SELL",' +
  '"description":"Milk","quantity":1,"amount_excl_tax":"1.00","amount_inc_tax":"1.20"}';
const json = { 'content-type': 'application/json' };

/** Sends a request as a till of the store "main". @returns status and body, which shows no code */
async function send(path: string, request: ApiRequest = {}, method = 'POST'): Promise<string> {
  const sent = { headers: json, body: ITEM, accessKeyId: till, ...request };
  const { status, headers, text } = await cloud.api.request(method, path, sent);
  expect(text).not.toMatch(/node:internal|\.m?js:\d+| {4}at /);
  // API Gateway's own answers have other bodies.
  if (text.includes('"type"')) expect(headers['content-type']).toBe('application/problem+json');
  return `${status} ${text}`;
}

describe('a request is refused with what to change:', () => {
  test.each<[string, string, ApiRequest]>([
    ['not JSON', '400 .*json-malformed.*Correct it there', { body: `${ITEM},` }],
    ['a body without items', '400 .*body-invalid.*Send an object, or an array', { body: '"sale"' }],
    ['null', '400 .*Send an object', { body: 'null' }],
    ['an empty array', '400 .*Send at least one', { body: '[]' }],
    ['no body', '400 .*body-missing.*Send a body', { body: '' }],
    ['bytes that are not UTF-8', '400 .*Encode it again', { body: Buffer.from([0x22, 0xff, 0x22]) }],
    ['no content type', '415 .*send application/json or application/x-ndjson', { headers: {} }],
    ['another content type', '415 .*send application/json', { headers: { 'content-type': 'text/csv' } }],
    [
      'another charset',
      '415 .*in UTF-8',
      { headers: { 'content-type': 'application/json; charset=latin1' } },
    ],
    ['too many bytes', '413 .*may have 1000000', { body: ITEM + ' '.repeat(1_000_000) }],
    ['too many items', '413 .*may have 5000', { body: `[${'{},'.repeat(5_000)}{}]` }],
    ['more than API Gateway takes', '413 ', { body: ' '.repeat(10_485_761) }],
    [
      'a long key',
      '400 .*from 1 to 255 printable',
      { headers: { ...json, 'idempotency-key': 'x'.repeat(256) } },
    ],
    ['no signature', '403 ', { accessKeyId: undefined }],
    ['an unknown access key', '403 ', { accessKeyId: 'nobody' }],
  ])('%s', async (_what, expected, request) => {
    expect(await send(TRANSACTIONS, request)).toMatch(new RegExp(`^${expected}`));
  });

  test.each([
    '{"fileName":"../other.csv","size":1}',
    '{"fileName":"a/b.csv","size":1}',
    '{"fileName":"..","size":1}',
    '{"fileName":"a\\u0000.csv","size":1}',
    '{"fileName":"a.csv","size":0}',
    '{"fileName":"a.csv","size":1e10}',
    '{"fileName":"a.csv"}',
    '{"fileName":"a.csv","size":1,"store":"other"}',
  ])('an upload %s', async (body) => {
    expect(await send('/stores/main/uploads', { body })).toMatch(/^400 .*body-invalid.*Correct the body: /);
  });

  test('items that break a rule are named, and the others are accepted', async () => {
    const broken = [
      ITEM.replace('"SELL"', '"GIFT"'),
      ITEM.replace('":1,', '":"many",'),
      ITEM.replace('"quantity":1', '"quantity":{}'),
      ITEM.replace('"id"', '"till"'),
      'null',
      '17',
    ];
    const answer = await send(TRANSACTIONS, { body: `[${[...broken, ITEM].join(',')}]` });
    const { accepted, refused } = JSON.parse(answer.slice(4));
    expect([answer.slice(0, 3), accepted]).toEqual(['202', 1]);
    expect(refused.map(({ index, code }: { index: number; code: string }) => `${index} ${code}`)).toEqual([
      '0 category-unknown',
      '1 quantity-invalid',
      '2 json-value-invalid',
      '3 id-missing',
      '4 json-not-object',
      '5 json-not-object',
    ]);
  });
});

describe('a path reaches no other store and no other route:', () => {
  test.each([
    '/stores/other/transactions',
    '/stores/main/../other/transactions',
    '/stores/main%2F../transactions',
    '/stores/main%2f..%2fother/transactions',
    '/stores/main%252F..%252Fother/transactions',
    '/stores/main%5C..%5Cother/transactions',
    '/stores/%2e%2e/transactions',
    '/stores/%6Dain/transactions',
    '/stores/main%00/transactions',
    '/stores/main%0A/transactions',
    '/stores/main%ff/transactions',
    '/stores/main%/transactions',
    '/stores/main;other/transactions',
    '/stores/main%20/transactions',
    '/stores//transactions',
    '/stores/*/transactions',
    '//stores/main/transactions',
    '/stores/main//transactions',
    '/stores/main/transactions/',
    '/stores/main/transactions/../../../status',
    '/STORES/main/transactions',
    '/$default/stores/main/transactions',
    '/stores/main/transactions%3Fa',
  ])('%s', async (path) => {
    expect(await send(path)).toMatch(/^40[034] /);
    // The operator may use every store, in every way to write it: only the path itself is left to refuse.
    const isOther = ['/stores/other/transactions', '/stores/%6Dain/transactions'].includes(path);
    if (!isOther) expect(await send(path, { accessKeyId: OPERATOR_KEY })).toMatch(/^40[034] /);
  });

  test.each(['DELETE', 'PUT', 'PATCH', 'GET'])('with the method %s', async (method) => {
    expect(await send(TRANSACTIONS, {}, method)).toMatch(/^404 /);
  });
});

describe('a message has an answer that says what to change, and the connection lives:', () => {
  let socket: ApiSocket;
  beforeAll(async () => {
    using api = new ApiClient(() => cloud.cloud.running);
    socket = await ApiSocket.open(await api.fetchTicket('main'));
  });
  afterAll(() => socket?.[Symbol.dispose]());

  test.each([
    ['{', 'json-malformed', 'Correct'],
    ['', 'json-malformed', 'Correct'],
    ['[]', 'body-invalid', 'Correct'],
    ['{"id":"1","items":[]}', 'body-invalid', 'action'],
    ['{"action":"sell","id":"1"}', 'body-invalid', 'action'],
    ['{"action":"transactions","items":[{}]}', 'body-invalid', 'id'],
    ['{"action":"transactions","id":1,"items":[{}]}', 'body-invalid', 'id'],
    ['{"action":"transactions","id":"1"}', 'body-invalid', 'items'],
    ['{"action":"transactions","id":"1","items":{}}', 'body-invalid', 'items'],
    ['{"action":"transactions","id":"1","items":[]}', 'body-invalid', 'at least one'],
    ['{"action":"transactions","id":"1","items":[{}],"store":"other"}', 'body-invalid', 'store'],
    ['{"action":"transactions","id":"1","items":[{}],"items":[{}]}', 'body-invalid', 'once'],
  ])('%s', async (message, code, advice) => {
    expect(await socket.ask(message)).toMatchObject({
      error: { code, message: expect.stringContaining(advice) },
    });
    expect(await socket.ask('{"action":"ping"}')).toEqual({ action: 'pong' });
  });

  test.each([
    ['a frame that is too long', ' '.repeat(32_769), '1009'],
    ['bytes', Buffer.from('{"action":"ping"}'), '1003'],
  ])('%s ends the connection, and the next one works', async (_what, message, code) => {
    using other = await ApiSocket.open(await cloud.api.fetchTicket('main'));
    await expect(other.ask(message)).rejects.toThrow(code);
    using next = await ApiSocket.open(await cloud.api.fetchTicket('main'));
    expect(await next.ask('{"action":"ping"}')).toEqual({ action: 'pong' });
  });
});

test('after all of them the API accepts calls, and no function has failed', async () => {
  const problems = cloud.problems.splice(0);
  expect(problems.filter(({ name }) => name !== 'AccessDeniedError')).toEqual([]);
  await cloud.send(cloud.makeCall());
  await cloud.send(cloud.makeCall('socket'));
  await cloud.expectAccounted();
  const { rows } = await cloud.clients.database.query('SELECT DISTINCT store_id FROM ledger.uploads');
  expect(rows.map(({ store_id }) => store_id).sort()).toEqual(['main', cloud.storeId]);
});
