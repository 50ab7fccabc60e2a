import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { API_OUTPUTS } from '../../../lambdas/shared/stacks.ts';
import { synthesize } from '../../../local/assembly/synthesize.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import { type RawRequest, sendSigned } from '../../unit/local/sign-request.ts';

const parent = temporaryDir();
let cloud: TestCloud;
beforeAll(async () => {
  const assemblyDir = await mkdtemp(join(parent, 'assembly-'));
  await synthesize(LOCAL_PROJECT, assemblyDir, { 'retail:api': 'true' });
  cloud = await TestCloud.start(assemblyDir);
});
afterAll(() => cloud?.stop());

const output = (name: string) => cloud.cloud.running.outputs[name]!;

/** Sends a signed request to the HTTP API. @returns the status and the answer */
async function call(method: string, path: string, body?: string, more: Partial<RawRequest> = {}) {
  const { endpoint } = cloud.cloud.running;
  const base = output(API_OUTPUTS.httpApiUrl).slice(endpoint.length);
  const gateway = { endpoint, keys: cloud.cloud.keys } as never;
  const headers = { 'content-type': 'application/json' };
  const request = {
    service: 'execute-api',
    method,
    path: base + path,
    headers,
    ...(body && { body }),
    ...more,
  };
  const answer = await sendSigned(gateway, request);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const item = () => ({
  id: crypto.randomUUID(),
  transaction_date: '2024-02-05',
  category: 'SELL',
  description: 'Milk',
  quantity: 1,
  amount_excl_tax: '1.00',
  amount_inc_tax: '1.20',
});

const idsOf = async () =>
  (await cloud.rows<{ id: string }>('SELECT id FROM transactions')).map(({ id }) => id);

/** The texts of all objects that have collected calls. */
const collected = async () => {
  const keys = await cloud.keys('incoming/store=main/api/');
  return (await Promise.all(keys.map((key) => cloud.object(key)))).join('\n');
};

test('transactions that are sent by HTTP become an object', async () => {
  const sent = item();
  const answer = await call('POST', '/stores/main/transactions', JSON.stringify([sent]));
  expect(answer).toMatchObject({ status: 202, body: { accepted: 1, refused: [] } });
  await expect.poll(collected, { timeout: 30_000 }).toContain(sent.id);
  expect(cloud.problems).toEqual([]);
});

test('transactions that are sent over a WebSocket become an object', async () => {
  const ticket = await call('POST', '/stores/main/tickets');
  expect(ticket).toMatchObject({ status: 201 });
  const url = new URL(output(API_OUTPUTS.webSocketUrl));
  url.searchParams.set('ticket', String(ticket.body.ticket));
  const socket = new WebSocket(url);
  const answer = Promise.withResolvers<string>();
  socket.once('message', (data) => answer.resolve(data.toString()));
  socket.once('error', answer.reject);
  const sent = item();
  socket.once('open', () => socket.send(JSON.stringify({ action: 'transactions', id: '1', items: [sent] })));
  expect(JSON.parse(await answer.promise)).toMatchObject({ id: '1', accepted: 1, refused: [] });
  socket.close();
  await expect.poll(collected, { timeout: 30_000 }).toContain(sent.id);
  expect(cloud.problems).toEqual([]);
});

test('a file that is posted with the form of an upload is loaded', async () => {
  const header = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
  const { id } = item();
  const content = `${header}\n${id},SELL,Milk,1,1.00,1.20\n`;
  const asked = { fileName: 'retail_05_02_2024.csv', size: content.length };
  const upload = await call('POST', '/stores/main/uploads', JSON.stringify(asked));
  expect(upload.status).toBeLessThan(300);
  const { url, fields } = upload.body as { url: string; fields: Record<string, string> };
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([content]), asked.fileName);
  const answer = await fetch(url, { method: 'POST', body: form });
  expect([answer.status, await answer.text()]).toEqual([204, '']);
  await expect.poll(idsOf, { timeout: 30_000 }).toContain(id);
  expect(cloud.problems).toEqual([]);
});
