import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { API_ROUTES, STORE_ROUTES } from '../../../lambdas/shared/api-routes.ts';
import { tillPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import { type RawRequest, sendSigned } from '../../unit/local/sign-request.ts';

let cloud: TestCloud;
let till: string;
beforeAll(async () => {
  cloud = await TestCloud.start();
  till = accessKeyOf(output(tillPolicyOutput('main')).split('/').at(-1)!);
});
afterAll(() => cloud?.stop());

const output = (name: string) => cloud.cloud.running.outputs[name]!;

/** Sends a signed request to the HTTP API, by default as a till of the store `main`. */
async function call(method: string, path: string, body?: unknown, changes: Partial<RawRequest> = {}) {
  const answer = await sendCall(method, path, body, changes);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

function sendCall(method: string, path: string, body?: unknown, changes: Partial<RawRequest> = {}) {
  const { endpoint } = cloud.cloud.running;
  const base = output('HttpApiUrl').slice(endpoint.length);
  return sendSigned({ endpoint, keys: cloud.cloud.keys } as Parameters<typeof sendSigned>[0], {
    method,
    path: base + path,
    service: 'execute-api',
    accessKeyId: till,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...changes,
  });
}

const ID = '00000000-0000-4000-8000-000000000000';
const transaction = (place: number) => ({
  id: `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`,
  transaction_date: '2025-03-14',
  category: 'SELL',
  description: 'Milk',
  quantity: 1,
  amount_excl_tax: '1.00',
  amount_inc_tax: '1.20',
});

async function waitFor<Found>(find: () => Promise<Found | undefined>): Promise<Found> {
  for (let tries = 0; tries < 600; tries++) {
    if (cloud.problems.length > 0) throw cloud.problems[0];
    const found = await find();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error('it did not happen within 30 s');
}

/** Waits for an object with the items of a call. */
const objectWith = (receipt: unknown) =>
  waitFor(async () => {
    for (const key of await cloud.keys('incoming/store=main/api/')) {
      const text = await cloud.object(key);
      if (text.includes(String(receipt))) return text;
    }
    return undefined;
  });

/** Waits until the ledger has the result of a call. */
const resultOf = (receipt: unknown) =>
  waitFor(async () => {
    const { status, body } = await call('GET', `/stores/main/receipts/${receipt}`);
    expect(status).toBe(200);
    return body.status === 'complete' ? body : undefined;
  });

describe('an operator', () => {
  const read = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await sendCall('GET', path, undefined, { accessKeyId: 'operator', headers });
    const text = await answer.text();
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', body: JSON.parse(text || '{}') };
  };

  test('reads what tills sent, as files and as numbers', async () => {
    const item = { ...transaction(8), description: 'Rye "Oslo"', transaction_date: '2025-03-10' };
    const { receipt } = (await call('POST', '/stores/main/transactions', [item, { ...item, id: 'x' }])).body;
    const { uploadId } = await resultOf(receipt);
    const product = encodeURIComponent(item.description);
    const answers = await Promise.all(
      [
        '/session',
        `/numbers/balance?product=${product}`,
        `/transactions?product=${product}`,
        '/numbers/sold?since=2025-03-10&until=2025-03-10',
        `/uploads/${uploadId}/reject-codes`,
        '/days?store=main',
      ].map((path) => read(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const [session, balance, transactions, sold, codes, days] = answers.map(({ body }) => body);
    expect(session).toMatchObject({ stage: 'dev', role: 'operator', stores: ['main'] });
    expect(balance.days).toEqual([
      { day: '2025-03-10', sold: '1.20', bought: '0.00', balance: '1.20', cumulated: '1.20' },
    ]);
    expect(transactions.transactions).toMatchObject([{ id: item.id, origin: { uploadId } }]);
    expect(sold.days).toMatchObject([{ store: 'main', transactions: 1, sold: '1.20' }]);
    expect(codes.codes).toEqual([{ code: 'id-not-uuid', field: 'id', rows: 1, open: 1 }]);
    expect(days.days.at(-1)).toMatchObject({ store: 'main', state: 'rejects' });
  });

  test('does not get an answer again that has not changed', async () => {
    const { etag } = await read('/uploads');
    expect(await read('/uploads', { 'if-none-match': etag })).toEqual({ status: 304, etag, body: {} });
    expect((await read('/uploads', { 'if-none-match': '"other"' })).status).toBe(200);
  });
});

describe('a till', () => {
  test('sends transactions over HTTP, which become an object of its store', async () => {
    const items = [transaction(1), { ...transaction(2), category: 'GIFT' }];
    const { status, body } = await call('POST', '/stores/main/transactions', items);
    expect([status, body]).toMatchObject([
      202,
      { accepted: 1, refused: [{ index: 1, code: 'category-unknown' }] },
    ]);
    const [manifest, ...lines] = (await objectWith(body.receipt)).trimEnd().split('\n');
    expect(JSON.parse(manifest!).calls).toContainEqual({ receipt: body.receipt, items: 2 });
    expect(lines.map((line) => JSON.parse(line))).toEqual(expect.arrayContaining(items));
    const result = await resultOf(body.receipt);
    expect(result).toMatchObject({
      items: 2,
      inserted: 1,
      rejected: 1,
      rejects: [{ index: 1, field: 'category' }],
    });
    expect(await cloud.rows('SELECT name FROM transactions WHERE id = $1', [transaction(1).id])).toHaveLength(
      1,
    );
    const upload = await call('GET', `/uploads/${result.uploadId}`, undefined, { accessKeyId: 'operator' });
    expect(upload.body).toMatchObject({ store: 'main', status: 'complete', completedAt: result.completedAt });
    const { body: listed } = await call('GET', '/uploads?store=main', undefined, { accessKeyId: 'operator' });
    const uploads = listed.uploads as { uploadId: string }[];
    expect(upload.body).toMatchObject(uploads.find(({ uploadId }) => uploadId === result.uploadId)!);
    const rejects = await call('GET', `/uploads/${result.uploadId}/rejects`, undefined, {
      accessKeyId: 'operator',
    });
    expect(rejects.body).toMatchObject({
      rejects: [{ field: 'category', code: 'category-unknown', isCut: false }],
    });
  });

  test('sends a call again, which changes nothing', async () => {
    const again = () =>
      call('POST', '/stores/main/transactions', [transaction(5)], {
        headers: { 'content-type': 'application/json', 'idempotency-key': 'till 5' },
      });
    const first = await again();
    await resultOf(first.body.receipt);
    expect(await again()).toEqual(first);
    expect(await resultOf(first.body.receipt)).toMatchObject({ inserted: 1, duplicate: 0 });
    const other = await call('POST', '/stores/main/transactions', [transaction(6)], {
      headers: { 'content-type': 'application/json', 'idempotency-key': 'till 5' },
    });
    expect(other.status).toBe(422);
  });

  test('signs its requests with curl', async () => {
    const keys = `${till}:${cloud.cloud.keys.secretOf(till)}`;
    const { stdout } = await promisify(execFile)('curl', [
      ...['--silent', '--aws-sigv4', 'aws:amz:us-east-1:execute-api', '--user', keys],
      ...['--header', 'content-type: application/json', '--data', JSON.stringify(transaction(7))],
      `${output('HttpApiUrl')}/stores/main/transactions`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1, refused: [] });
  });

  test('sends transactions over a WebSocket that a ticket opens once', async () => {
    const { status, body } = await call('POST', '/stores/main/tickets');
    expect(status).toBe(201);
    const url = `${body.url}?ticket=${body.ticket}`;
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const ask = async (message: object) => {
      const answer = new Promise<string>((resolve) =>
        socket.once('message', (data) => resolve(String(data))),
      );
      socket.send(JSON.stringify(message));
      return JSON.parse(await answer) as Record<string, unknown>;
    };
    const accepted = await ask({ action: 'transactions', id: 'a', items: [transaction(3)] });
    expect(accepted).toMatchObject({ id: 'a', accepted: 1, refused: [] });
    expect(await ask({ action: 'sell' })).toMatchObject({ error: { code: 'body-invalid' } });
    expect(await ask({ action: 'ping' })).toEqual({ action: 'pong' });
    socket.close();
    await objectWith(accepted.receipt);
    const again = new WebSocket(url);
    await expect(
      new Promise((resolve, reject) => again.once('open', resolve).once('error', reject)),
    ).rejects.toThrow('403');
  });

  test('uploads a file by a form', async () => {
    const content = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
    const fileName = 'retail_14_03_2025_form.csv';
    const { body } = await call('POST', '/stores/main/uploads', { fileName, size: content.length });
    const form = new FormData();
    for (const [name, value] of Object.entries(body.fields as object)) form.append(name, value);
    form.append('file', new Blob([content]), fileName);
    expect((await fetch(String(body.url), { method: 'POST', body: form })).status).toBe(204);
    expect(await cloud.object(`incoming/store=main/${fileName}`)).toBe(content);
  });

  test('may not use another store, nor the routes of operators, nor the API without a signature', async () => {
    for (const [name, route] of Object.entries(API_ROUTES)) {
      const [method = '', path = ''] = route.split(' ');
      const isOfStores = (STORE_ROUTES as readonly string[]).includes(name);
      const other = path.replace('{store}', isOfStores ? 'oslo' : 'main').replace(/\{\w+\}/, ID);
      const answer = await call(method, other, method === 'POST' ? [transaction(4)] : undefined);
      expect([route, answer.status]).toEqual([route, 403]);
    }
    expect((await call('GET', '/stores/main/rules')).body).toMatchObject({ rules: { isKnownStore: true } });
    const unsigned = await fetch(`${output('HttpApiUrl')}/stores/main/transactions`, {
      method: 'POST',
      body: '{}',
    });
    expect(unsigned.status).toBe(403);
  });
});
