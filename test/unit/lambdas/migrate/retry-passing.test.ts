import { expect, test, vi } from 'vitest';
import { retryPassing } from '../../../../lambdas/migrate/retry-passing.ts';

const errorOf = (name: string, message = 'refused', others = {}) =>
  Object.assign(new Error(message), { name, ...others });

/** Makes a call that fails once. @returns the number of tries */
async function triesAfter(error: Error): Promise<number> {
  let tries = 0;
  const call = async () => {
    if (++tries === 1) throw error;
  };
  await retryPassing(call, 1).catch(() => undefined);
  return tries;
}

test.each([
  'AccessDenied',
  'AccessDeniedException',
  'ForbiddenException',
  'NotFoundException',
  'SecretsErrorException',
  'InvalidSecretException',
  'DecryptionFailure',
  'HttpEndpointNotEnabledException',
  'DatabaseUnavailableException',
  'DatabaseNotFoundException',
  'InvalidResourceStateException',
  'InternalServerErrorException',
  'ServiceUnavailableError',
])('a first %s passes', async (name) => {
  expect(await triesAfter(errorOf(name))).toBe(2);
});

test.each([
  'User: arn:aws:sts::1:assumed-role/m is not authorized to perform: secretsmanager:GetSecretValue',
  'Error fetching secret arn:aws:secretsmanager:eu-central-1:1:secret:x',
  'HttpEndpoint is not enabled for cluster retail',
  'Access to KMS is not allowed',
])('a first BadRequestException passes if it is about access: %s', async (message) => {
  expect(await triesAfter(errorOf('BadRequestException', message))).toBe(2);
});

test('a first network error and a first answer 503 pass', async () => {
  expect(await triesAfter(errorOf('Error', 'reset', { code: 'ECONNRESET' }))).toBe(2);
  expect(await triesAfter(errorOf('Unknown', 'busy', { $metadata: { httpStatusCode: 503 } }))).toBe(2);
});

test.each([
  errorOf('DatabaseErrorException', 'ERROR: syntax error at or near "X"; SQLState: 42601'),
  errorOf('BadRequestException', 'Multistatements are not supported'),
  errorOf('UnsupportedResultException'),
  errorOf('StatementTimeoutException'),
  new Error('a mistake in the code'),
])('$name: $message does not pass', async (error) => {
  expect(await triesAfter(error)).toBe(1);
});

test('a call is repeated every two seconds for a minute', async () => {
  vi.useFakeTimers({ now: 0 });
  const calls: number[] = [];
  const outcome = retryPassing(async () => {
    calls.push(Date.now());
    throw errorOf('AccessDenied');
  }).catch((error: Error) => error.name);
  await vi.runAllTimersAsync();
  vi.useRealTimers();
  expect(await outcome).toBe('AccessDenied');
  expect(calls).toEqual(Array.from({ length: 31 }, (_, index) => index * 2_000));
});
