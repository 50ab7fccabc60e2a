import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Database } from '../../../lambdas/aws/database.ts';
import { classifyError } from '../../../lambdas/consumer/classify-error.ts';

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
