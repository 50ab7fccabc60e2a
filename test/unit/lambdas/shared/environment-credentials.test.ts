import { afterEach, expect, test, vi } from 'vitest';
import { defaultProvider } from '../../../../lambdas/shared/environment-credentials.ts';

afterEach(() => vi.unstubAllEnvs());

test('credentials are read from the environment at each request', async () => {
  const provide = defaultProvider();
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'token');
  expect(await provide()).toEqual({ accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' });
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'another');
  expect(await provide()).toMatchObject({ accessKeyId: 'another' });
});

test('missing credentials are reported with the variable', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', '');
  await expect(defaultProvider()()).rejects.toThrow('AWS_ACCESS_KEY_ID');
});
