import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { classifyError } from '../../../../lambdas/load/classify-error.ts';
import { Database } from '../../../../lambdas/shared/database.ts';

let calls = 0;
const silent = createServer(() => {
  calls++;
});
beforeAll(async () => {
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'x');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
});
afterAll(() => {
  vi.unstubAllEnvs();
  silent.closeAllConnections();
  silent.close();
});

test('a call that is never answered ends after its timeout, twice, as an error that passes', async () => {
  const database = new Database({ clusterArn: 'c', secretArn: 's', databaseName: 'd' }, 100);
  const error = await database.execute('SELECT 1', {}, Date.now()).catch((cause: unknown) => cause);
  expect(classifyError(error)).toBe('transient');
  expect(calls).toBe(2);
});

test.each([
  [1, undefined],
  [1_000, 'password authentication failed'],
])(
  'a password that is refused %i times is waited for as long as a rotation takes',
  async (refusals, failure) => {
    let answered = 0;
    const server = createServer((_, response) => {
      const isRefused = answered++ < refusals;
      response.writeHead(isRefused ? 400 : 200, {
        'content-type': 'application/json',
        ...(isRefused && { 'x-amzn-errortype': 'DatabaseErrorException' }),
      });
      const message = 'FATAL: password authentication failed for user "x"; SQLState: 28P01';
      response.end(JSON.stringify(isRefused ? { message } : { records: [] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const database = new Database({ clusterArn: 'c', secretArn: 's', databaseName: 'd' }, 1_000, 3_000);
    const outcome = database.execute('SELECT 1', {}, Number.POSITIVE_INFINITY);
    if (failure === undefined) await outcome;
    else await expect(outcome).rejects.toThrow(failure);
    expect(answered).toBe(2);
    server.closeAllConnections();
    server.close();
  },
);
