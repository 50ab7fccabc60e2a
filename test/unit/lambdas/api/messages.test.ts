import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { decodeCall } from '../../../../lambdas/shared/call-message.ts';
import {
  mockServices,
  request,
  sendFrame,
  sentMessages,
  serviceError,
  sqs,
  transaction,
} from './running-api.ts';

mockServices();

const frame = (changes: object) => JSON.stringify({ action: 'transactions', id: 'a', ...changes });

test('transactions are answered with the id of the message and a receipt', async () => {
  const items = [transaction(1), transaction(2, { category: 'GIFT' })];
  const { status, body } = await sendFrame(frame({ items }));
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: 'a',
    receipt: expect.any(String),
    accepted: 1,
    refused: [{ index: 1, field: 'category', code: 'category-unknown' }],
  });
  expect(decodeCall(sentMessages()[0]!)).toMatchObject({ storeId: 'oslo', receipt: body.receipt });
});

test('the same transactions have the same receipt over both APIs, whatever the id of the message', async () => {
  const items = [transaction(1)];
  const first = await sendFrame(frame({ items }));
  const second = await sendFrame(frame({ id: 'b', items }));
  const http = await request('sendTransactions', { body: JSON.stringify(items) });
  expect([second.body.receipt, http.body.receipt]).toEqual([first.body.receipt, first.body.receipt]);
});

test('the answer names at most 100 refused items, and counts all of them', async () => {
  const { body } = await sendFrame(frame({ items: Array.from({ length: 1_000 }, () => 1) }));
  expect([body.accepted, (body.refused as []).length]).toEqual([0, 100]);
  expect(JSON.stringify(body).length).toBeLessThan(128 * 1_024);
});

test('a ping is answered with a pong', async () => {
  expect((await sendFrame('{"action":"ping"}')).body).toEqual({ action: 'pong' });
  expect((await sendFrame('{"action":"ping","id":"p"}')).body).toEqual({ id: 'p', action: 'pong' });
});

test('a connection is opened without an answer to the client', async () => {
  expect((await sendFrame(undefined, 'CONNECT')).status).toBe(200);
});

test.each([
  ['no text', undefined, 'json-malformed', undefined],
  ['broken JSON', '{"action"', 'json-malformed', undefined],
  ['null', 'null', 'body-invalid', undefined],
  ['no action', '{"id":"a","items":[]}', 'body-invalid', 'a'],
  ['an unknown action', '{"action":"delete","id":"a"}', 'body-invalid', 'a'],
  ['no id', '{"action":"transactions","items":[{}]}', 'body-invalid', undefined],
  ['no items', frame({ items: [] }), 'body-invalid', 'a'],
  ['items that are not a list', frame({ items: {} }), 'body-invalid', 'a'],
  ['another member', frame({ items: [{}], store: 'bergen' }), 'body-invalid', 'a'],
  ['items twice', '{"action":"transactions","id":"a","items":[{}],"items":[{}]}', 'body-invalid', 'a'],
  ['too many items', frame({ items: Array.from({ length: 5_001 }, () => 1) }), 'content-too-large', 'a'],
])('a message with %s is answered with an error', async (_, text, code, id) => {
  const { status, body } = await sendFrame(text);
  expect(status).toBe(200);
  expect(body).toEqual({ ...(id && { id }), error: { code, message: expect.stringMatching(/\.$/) } });
  expect(sentMessages()).toEqual([]);
});

test('a message that the queue did not take is answered with an error that passes', async () => {
  sqs.on(SendMessageCommand).rejects(serviceError('RequestThrottled', 403));
  const { body } = await sendFrame(frame({ items: [transaction(1)] }));
  expect(body).toMatchObject({
    id: 'a',
    error: { code: 'unavailable', message: expect.stringContaining('again') },
  });
});
