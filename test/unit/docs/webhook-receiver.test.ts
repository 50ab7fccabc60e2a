import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postWebhook, signWebhook, type WebhookCall } from '../../../lambdas/notify/webhook.ts';
import { deriveWebhookKey, formatWebhookKey } from '../../../lambdas/shared/webhook-key.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const key = deriveWebhookKey('secret', 'oslo');
const call: WebhookCall = {
  url: 'https://shop.example.com/receipts',
  id: 'r-1',
  body: '{"name":"Plum \u00f6"}',
  key,
};
const dir = temporaryDir();
let receiver: ChildProcess;
let port: number;
let printed = '';

beforeAll(async () => {
  const page = readFileSync('docs/receipts.md', 'utf8');
  const path = join(dir, 'receiver.mjs');
  await writeFile(path, /^```js\n(.*?)^```$/ms.exec(page)![1]!);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  port = (free.address() as AddressInfo).port;
  free.close();
  const env = { ...process.env, WEBHOOK_KEY: formatWebhookKey(key), PORT: String(port) };
  receiver = spawn(process.execPath, [path], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  receiver.stdout!.on('data', (text) => {
    printed += text;
  });
});
afterAll(() => void receiver.kill());

/** Posts to the receiver as the proxy before it does, until it listens. */
async function post({ body }: WebhookCall, headers: Record<string, string>): Promise<number> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    if (answer !== undefined) return answer.status;
    await sleep(50);
  }
}

test('the receiver of docs/receipts.md prints each webhook of its store once, and refuses others', async () => {
  await postWebhook(call, post);
  await postWebhook(call, post);
  const now = Math.floor(Date.now() / 1_000);
  const others: [WebhookCall, Record<string, string>][] = [
    [{ ...call, body: '{}' }, signWebhook(call, now)],
    [call, signWebhook({ ...call, key: deriveWebhookKey('secret', 'main') }, now)],
    [call, signWebhook(call, now - 400)],
    [call, {}],
  ];
  for (const [sent, headers] of others) expect(await post(sent, headers)).toBe(401);
  await postWebhook({ ...call, id: 'r-2', body: '{"second":true}' }, post);
  await expect.poll(() => printed).toBe(`${call.body}\n{"second":true}\n`);
});
