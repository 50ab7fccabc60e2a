import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { WebSocket } from 'ws';
import { FunctionCaller } from '../../../../local/api-gateway/call-function.ts';
import { FrameMeter } from '../../../../local/api-gateway/frame-meter.ts';
import { Throttle } from '../../../../local/api-gateway/throttle.ts';
import type { FunctionModel } from '../../../../local/assembly/readers/function-readers.ts';
import {
  ConcurrencyLimit,
  maxCopies,
  ThrottledError,
} from '../../../../local/functions/concurrency-limit.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { allow } from '../running-gateway.ts';
import { startApis } from './running-apis.ts';

describe('a throttle', () => {
  it('allows a burst, and after it the rate', () => {
    let now = 0;
    const throttle = new Throttle({ rate: 10, burst: 5 }, () => now);
    const take = () => Array.from({ length: 8 }, () => throttle.take()).filter(Boolean).length;
    expect(take()).toBe(5);
    now += 100;
    expect(take()).toBe(1);
    now += 3_600_000;
    expect(take()).toBe(5);
  });
});

describe('a limit of copies', () => {
  it('runs a few calls at a time, the others in their order', async () => {
    const limit = new ConcurrencyLimit(2, 100);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const call = (number: number) => async () => {
      started.push(number);
      most = Math.max(most, ++running);
      await sleep(1);
      running--;
      if (number % 3 === 0) throw new Error('failed');
      return number;
    };
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);
    const results = await Promise.allSettled(numbers.map((number) => limit.run(call(number))));
    expect([most, started]).toEqual([2, numbers]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(6);
    expect(await limit.run(call(1))).toBe(1);
  });

  it('refuses calls above the concurrency of an account', async () => {
    const limit = new ConcurrencyLimit(1, 2);
    const calls = [1, 2, 3].map(() => limit.run(() => sleep(5, 'done')));
    await expect(calls[2]).rejects.toThrow(ThrottledError);
    expect(await Promise.all(calls.slice(0, 2))).toEqual(['done', 'done']);
  });
});

test('calls that wait for their turn do not start a function after the end', async () => {
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
  const access = new AccessControl(() => undefined);
  const Principal = { Service: 'apigateway.amazonaws.com' };
  const statement = allow('lambda:InvokeFunction', functionArn);
  access.addResourcePolicy(functionArn, [{ ...statement, Principal }]);
  let started = 0;
  const gate = Promise.withResolvers<void>();
  const invoke = async () => {
    started++;
    await gate.promise;
  };
  const caller = new FunctionCaller(access, [
    { invoke, noteThrottled: () => undefined, model: { arn: functionArn } as FunctionModel },
  ]);
  const call = { functionArn, timeoutMilliseconds: 5_000, source: 'live/$default' };
  const calls = Array.from({ length: maxCopies() + 3 }, () => caller.call('api', call, {}));
  await expect.poll(() => started).toBe(maxCopies());
  caller.close();
  gate.resolve();
  const results = await Promise.allSettled(calls);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(3);
  expect(started).toBe(maxCopies());
});

describe('a frame meter', () => {
  const frame = (opcode: number, bytes: number) => {
    const header = bytes < 126 ? [bytes] : bytes < 65_536 ? [126, bytes >> 8, bytes & 255] : undefined;
    const length = header ?? [
      127,
      0,
      0,
      0,
      0,
      bytes >>> 24,
      (bytes >> 16) & 255,
      (bytes >> 8) & 255,
      bytes & 255,
    ];
    const [first = 0, ...rest] = length;
    return Buffer.concat([
      Buffer.from([0x80 | opcode, 0x80 | first, ...rest, 1, 2, 3, 4]),
      Buffer.alloc(bytes, 0x81),
    ]);
  };

  it('finds each frame, wherever the bytes are cut', () => {
    const frames = fc.array(
      fc.tuple(fc.constantFrom(0, 1, 2, 9), fc.constantFrom(0, 1, 125, 126, 300, 66_000)),
      {
        maxLength: 5,
      },
    );
    const cuts = fc.array(fc.nat({ max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(frames, cuts, (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(([opcode, length]) => frame(opcode, length)));
        const meter = new FrameMeter();
        const found: object[] = [];
        let start = 0;
        for (const size of [...sizes, bytes.length]) {
          found.push(...meter.read(bytes.subarray(start, start + size)));
          start += size;
        }
        expect(found).toEqual(sent.map(([opcode, length]) => ({ opcode, bytes: length })));
      }),
      { numRuns: 50 },
    );
  });
});

const CODE = `let running = 0;
export const handler = async (event) => {
  const { body, headers } = event;
  if (headers?.['x-wait'] || body === 'wait') await new Promise((done) => setTimeout(done, 600_000));
  return { statusCode: 200, body: 'done' };
}`;
const AUTHORIZER_CODE = `export const handler = async (event) => ({ principalId: 'a', policyDocument: {
  Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }] } })`;
const slow = await startApis({
  code: CODE,
  authorizerCode: AUTHORIZER_CODE,
  rateLimit: 1,
  burstLimit: 4,
  change: ({ http, socket }) => {
    for (const api of [http, socket]) {
      for (const child of api.node.findAll()) {
        const part = child as { cfnResourceType?: string; timeoutInMillis?: number };
        if (part.cfnResourceType === 'AWS::ApiGatewayV2::Integration') part.timeoutInMillis = 500;
      }
    }
  },
});

/** Connects. On a busy machine, the start of the functions may take longer than their integration has. */
async function connect(): Promise<WebSocket> {
  for (;;) {
    const socket = new WebSocket(`${slow.socketUrl}?ticket=a`);
    const opened = new Promise<boolean>((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (await opened) return socket;
    await sleep(1_000);
  }
}

test('an integration that takes too long is unavailable, and a message times out', async () => {
  const answer = await fetch(`${slow.httpUrl}/open`, { headers: { 'x-wait': '1' } });
  expect([answer.status, await answer.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
  const socket = await connect();
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('message', (data) => resolve(data.toString()));
  socket.send('wait');
  expect(await promise).toContain('"message":"Endpoint request timed out"');
  socket.close();
});

test('requests above the limit of the stage are too many', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => fetch(`${slow.httpUrl}/open`)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(6);
  const [refused] = answers.filter(({ status }) => status === 429);
  expect(await refused!.text()).toBe('{"message":"Too Many Requests"}');
});
