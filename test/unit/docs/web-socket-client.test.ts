import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

interface Client {
  connect(fetchTicket: () => Promise<{ url: string; ticket: string }>): Promise<void>;
  send(id: string, items: readonly unknown[]): Promise<object>;
}
type Message = { readonly action: string; readonly id: string };

const page = readFileSync('docs/api.md', 'utf8');
/** A folder in which Node.js finds the package `ws`. */
const dir = mkdtempSync(join('node_modules', '.client-'));
let client: Client;
let server: WebSocketServer;
let onMessage: (socket: WebSocket, message: Message) => void;
const tickets: (string | null)[] = [];
/** Resolved when the client, which connects again for ever, asks for a ticket that it does not get. */
let parked: PromiseWithResolvers<void> | undefined;

beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const path = join(dir, 'client.mjs');
  writeFileSync(path, /^```js\n(.*?)^```$/ms.exec(page)![1]!);
  client = (await import(join(process.cwd(), path))) as Client;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, request) => {
    tickets.push(new URL(request.url!, 'ws://x').searchParams.get('ticket'));
    socket.on('message', (data) => onMessage(socket, JSON.parse(String(data)) as Message));
  });
  await once(server, 'listening');
});
afterAll(async () => {
  parked = Promise.withResolvers();
  for (const socket of server.clients) socket.terminate();
  await parked.promise;
  server.close();
  rmSync(dir, { recursive: true });
});

test('the WebSocket client of docs/api.md sends a call again until it has an answer', async () => {
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
  const received: string[] = [];
  onMessage = (socket, { id }) => {
    received.push(id);
    if (received.length === 1) socket.terminate();
    else if (received.length === 2) socket.send('{"message":"Internal server error"}');
    else socket.send(JSON.stringify({ id, receipt: `r${id}`, accepted: 1, refused: [] }));
  };
  let fetched = 0;
  const fetchTicket = async () => {
    if (parked !== undefined) {
      parked.resolve();
      await Promise.withResolvers().promise;
    }
    fetched++;
    if (fetched === 2) throw new Error('the API is away');
    return { url, ticket: `t${fetched}` };
  };
  const answer = client.send('7', [{}]);
  await client.connect(fetchTicket);
  expect(await answer).toEqual({ receipt: 'r7', accepted: 1, refused: [] });
  expect([received, tickets]).toEqual([
    ['7', '7', '7'],
    ['t1', 't3', 't4'],
  ]);
}, 20_000);
