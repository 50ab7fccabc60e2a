import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TICKET_PARAMETER } from '../../../lambdas/shared/api-routes.ts';
import { API_OUTPUTS } from '../../../lambdas/shared/stacks.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import type { RawRequest } from '../../unit/local/sign-request.ts';
import { oneOf, Sender, spoil } from './spoiled-requests.ts';

const SEED = 13;
const REQUESTS = 1_500;
const FRAMES = 400;

let cloud: TestCloud;
let sender: Sender;
beforeAll(async () => {
  cloud = await TestCloud.start();
  sender = new Sender(cloud);
});
afterAll(async () => {
  sender?.close();
  await cloud?.stop();
});

const output = (name: string) => cloud.cloud.running.outputs[name]!;
const item = {
  id: '00000000-0000-4000-8000-000000000001',
  transaction_date: '2024-02-05',
  category: 'SELL',
  description: 'Milk',
  quantity: 1,
  amount_excl_tax: '1.00',
  amount_inc_tax: '1.20',
};

function httpCalls(): fc.Arbitrary<RawRequest> {
  const base = output(API_OUTPUTS.httpApiUrl).slice(cloud.cloud.running.endpoint.length);
  const stores = oneOf(
    `main main main main main other .. . %00 %2e%2e %2F %zz %C3%A4 __proto__ ${'x'.repeat(300)} constructor`,
  );
  const uuid = oneOf('00000000-0000-4000-8000-000000000001 x %00 ../../status 1e9 constructor');
  const query = oneOf(
    '? ?store=main ?store=%00&before=x ?before=2024-02-05T00:00:00Z ?after=-1 ?after=1e99 ?__proto__=1',
  );
  const path = fc.oneof(
    { weight: 4, arbitrary: stores.map((store) => `/stores/${store}/transactions`) },
    fc.tuple(stores, oneOf('uploads tickets receipts')).map(([store, name]) => `/stores/${store}/${name}`),
    fc.tuple(stores, uuid).map(([store, receipt]) => `/stores/${store}/receipts/${receipt}`),
    fc.tuple(oneOf('/uploads /status /openapi.json / //'), query).map((parts) => parts.join('')),
    fc.tuple(uuid, query).map(([id, search]) => `/uploads/${id}${search}`),
    fc.tuple(uuid, query).map(([id, search]) => `/uploads/${id}/rejects${search}`),
  );
  const one = spoil(item);
  const lines = fc.array(one, { maxLength: 3 });
  const body = fc.oneof(
    one,
    lines.map((all) => `[${all.join(',')}]`),
    lines.map((all) => all.join('\n')),
    spoil({ fileName: 'retail_05_02_2024.csv', size: 10 }),
    fc.constantFrom(
      '',
      '[',
      '\ufeff{}',
      '{"a":1}{"b":2}',
      `[${'{},'.repeat(6_000)}{}]`,
      ' '.repeat(1_000_001),
    ),
  );
  const type = oneOf(
    'application/json application/json application/x-ndjson text/csv a ; application/json;charset=utf-16',
  );
  const key = fc.constantFrom<Record<string, string>>(
    {},
    { 'idempotency-key': 'k' },
    { 'idempotency-key': '' },
    { 'idempotency-key': 'x'.repeat(300) },
  );
  return fc
    .record({ method: oneOf('POST POST POST GET GET PUT HEAD OPTIONS'), path, body, type, key })
    .map(({ method, path: name, body: content, type: contentType, key: idempotency }) => ({
      ...{ method, path: base + name, service: 'execute-api' },
      ...(method !== 'GET' && method !== 'HEAD' && { body: content }),
      headers: { 'content-type': contentType, ...idempotency },
    }));
}

/** Sends a request again as long as there were too many. */
async function sendPatiently(request: RawRequest): Promise<string> {
  for (;;) {
    const answer = await sender.send(request).catch((error: Error) => error.message);
    if (!answer.startsWith('429')) return answer;
    await sleep(100);
  }
}

async function loadsFiles(): Promise<void> {
  expect(cloud.problems).toEqual([]);
  const row = `${crypto.randomUUID()},SELL,Milk,1,1.00,1.20`;
  const header = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
  const key = `incoming/store=main/retail_05_02_2024_${crypto.randomUUID()}.csv`;
  const entry = await cloud.load(key, `${header}\n${row}\n`);
  expect(entry).toMatchObject({ status: 'complete', rowsInserted: 1 });
}

test('malformed requests to the HTTP API are client errors that do not show the code, and files are loaded after them', async () => {
  const statuses = new Set<string>();
  for (const request of fc.sample(httpCalls(), { seed: SEED, numRuns: REQUESTS })) {
    const shown = JSON.stringify({ ...request, body: String(request.body).slice(0, 300) });
    const answer = await sendPatiently(request);
    expect(answer.slice(0, 200), shown).toMatch(/^[24]\d\d /);
    expect(answer, shown).not.toMatch(/node:internal|\.m?js:\d+| {4}at /);
    statuses.add(answer.slice(0, 3));
  }
  expect([...statuses]).toEqual(expect.arrayContaining(['202', '400', '404', '413', '415', '422']));
  await loadsFiles();
});

test('each malformed frame has an answer, and the connection lives', async () => {
  const base = output(API_OUTPUTS.httpApiUrl).slice(cloud.cloud.running.endpoint.length);
  const path = `${base}/stores/main/tickets`;
  const issued = await sendPatiently({ method: 'POST', path, service: 'execute-api' });
  const { ticket } = JSON.parse(issued.slice(4)) as { ticket: string };
  const url = new URL(output(API_OUTPUTS.webSocketUrl));
  url.searchParams.set(TICKET_PARAMETER, ticket);
  const socket = new WebSocket(url);
  const answers: string[] = [];
  socket.on('message', (data) => answers.push(data.toString()));
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const frame = spoil({ action: 'transactions', id: '1', items: [item] });
  for (const text of fc.sample(frame, { seed: SEED, numRuns: FRAMES })) {
    if (Buffer.byteLength(text) > 32_768) continue;
    const before = answers.length;
    do {
      if (answers.length > before) await sleep(100);
      answers.length = before;
      socket.send(text);
      await expect.poll(() => answers.length, { interval: 2, message: text.slice(0, 300) }).toBe(before + 1);
    } while (answers.at(-1)!.includes('Too Many Requests'));
    expect(answers.at(-1), text.slice(0, 300)).not.toMatch(
      /Internal server error|Forbidden|node:internal| {4}at /,
    );
  }
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.close();
  await loadsFiles();
});
