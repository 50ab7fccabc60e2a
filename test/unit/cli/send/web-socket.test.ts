import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { HttpApi } from '../../../../cli/send/http-api.ts';
import { type Times, WebSocketCaller } from '../../../../cli/send/web-socket.ts';

const line = (number: number, text = `{"id":${number}}`) => ({ number, text });

interface Message {
  readonly action: string;
  readonly id: string;
  readonly items: readonly unknown[];
}

let server: WebSocketServer | undefined;
let caller: WebSocketCaller | undefined;
afterEach(() => {
  caller?.close();
  for (const client of server?.clients ?? []) client.terminate();
  server?.close();
});

/** Starts an API whose messages a test answers. */
async function startApi(
  onMessage: (socket: WebSocket, message: Message, text: string) => void,
  times?: Times,
) {
  const tickets: string[] = [];
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket, request) => {
    tickets.push(request.url!);
    socket.on('message', (data) => onMessage(socket, JSON.parse(String(data)) as Message, String(data)));
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
  let given = 0;
  const api = { post: async () => ({ url, ticket: `t${++given}` }) } as unknown as HttpApi;
  caller = new WebSocketCaller(api, { onRetry: () => undefined, firstDelayMilliseconds: 1 }, times);
  return { caller, tickets };
}

const accept = (socket: WebSocket, { id, items }: Message) =>
  socket.send(JSON.stringify({ id, receipt: `r${id}`, accepted: items.length, refused: [] }));

test('calls share a connection, and each has its own answer', async () => {
  const { caller, tickets } = await startApi((socket, message) => {
    setTimeout(() => accept(socket, message), message.id === '1' ? 20 : 0);
  });
  const answers = await Promise.all([caller.send([line(1), line(2)]), caller.send([line(3)])]);
  expect(answers).toEqual([
    { receipt: 'r1', accepted: 2, refused: [] },
    { receipt: 'r2', accepted: 1, refused: [] },
  ]);
  expect(tickets).toEqual(['/live?ticket=t1']);
});

test('numbers travel as they are written, and a line that is not JSON as a string of its size', async () => {
  const texts: string[] = [];
  const { caller } = await startApi((socket, message, text) => {
    texts.push(text);
    accept(socket, message);
  });
  const lines = ['{"amount_excl_tax":10.10}', '{"id":', '1],"x":[2', '"a"', '7'];
  await caller.send(lines.map((text, index) => line(index + 1, text)));
  expect(texts).toEqual([
    '{"action":"transactions","id":"1","items":[{"amount_excl_tax":10.10},"{\\"id\\":","1],\\"x\\":[2","\\"a\\"",7]}',
  ]);
  expect(lines.map(caller.limits.measure)).toEqual([25, 10, 13, 7, 1]);
});

test('what was not acknowledged is sent again over another connection, with another ticket', async () => {
  const ids: string[] = [];
  const { caller, tickets } = await startApi((socket, message) => {
    ids.push(message.id);
    if (ids.length < 3) socket.terminate();
    else accept(socket, message);
  });
  expect((await caller.send([line(1)])).receipt).toBe('r1');
  expect(ids).toEqual(['1', '1', '1']);
  expect(tickets).toEqual(['/live?ticket=t1', '/live?ticket=t2', '/live?ticket=t3']);
});

test('all calls are sent again after an answer that names none of them', async () => {
  const ids: string[] = [];
  const { caller } = await startApi((socket, message) => {
    ids.push(message.id);
    if (ids.length === 2) socket.send('{"message":"Internal server error","connectionId":"c"}');
    if (ids.length > 2) accept(socket, message);
  });
  const answers = await Promise.all([caller.send([line(1)]), caller.send([line(2)])]);
  expect(answers.map(({ receipt }) => receipt)).toEqual(['r1', 'r2']);
  expect(ids.toSorted()).toEqual(['1', '1', '2', '2']);
  // Sooner than the timeout of an answer.
}, 10_000);

test('a call is repeated while the API is not available, and not if it is wrong', async () => {
  const codes = ['unavailable', 'internal-error', 'body-invalid'];
  const { caller } = await startApi((socket, { id }) =>
    socket.send(JSON.stringify({ id, error: { code: codes.shift(), message: 'Why.' } })),
  );
  await expect(caller.send([line(1)])).rejects.toThrow('the WebSocket API answered body-invalid: Why.');
  expect(codes).toEqual([]);
});

test('a message of 120,000 bytes has frames of at most 32 KB', async () => {
  const frames: number[] = [];
  const { caller } = await startApi(accept);
  server!.on('connection', (_socket, request) => {
    let rest = Buffer.alloc(0);
    request.socket.on('data', (data: Buffer) => {
      rest = Buffer.concat([rest, data]);
      // A masked frame has 4 bytes of mask after its length (RFC 6455 §5.2).
      for (;;) {
        const short = rest.length > 1 ? rest[1]! & 0x7f : 0;
        const header = short === 127 ? 14 : short === 126 ? 8 : 6;
        if (rest.length < header) return;
        const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? rest.readUInt32BE(6) : short;
        if (rest.length < header + length) return;
        frames.push(length);
        rest = rest.subarray(header + length);
      }
    });
  });
  const text = JSON.stringify('é'.repeat(59_000));
  expect((await caller.send([line(1, text)])).accepted).toBe(1);
  expect(frames.length).toBe(4);
  expect(Math.max(...frames)).toBeLessThanOrEqual(32_768);
});

test('an idle connection is kept by pings, and an old one is replaced without losing an answer', async () => {
  const actions: string[] = [];
  const { caller, tickets } = await startApi(
    (socket, message) => {
      actions.push(message.action);
      if (message.action === 'ping') socket.send('{"action":"pong"}');
      else setTimeout(() => accept(socket, message), 60);
    },
    { pingMilliseconds: 20, maxAgeMilliseconds: 50 },
  );
  expect((await caller.send([line(1)])).receipt).toBe('r1');
  expect(actions).toContain('ping');
  await sleep(10);
  expect((await caller.send([line(2)])).receipt).toBe('r2');
  expect(tickets).toHaveLength(2);
});
