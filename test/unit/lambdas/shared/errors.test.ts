import { S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import {
  classifyError,
  isLoginRefused,
  isResuming,
  PermanentError,
  TransientError,
} from '../../../../lambdas/shared/errors.ts';

const named = (name: string, message = '', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const sql = (state: string) =>
  named('DatabaseErrorException', `ERROR: something; Position: 7; SQLState: ${state}`);
const ofNetwork = (code: string) => named('Error', `connect ${code}`, { code });
const ofAws = (name: string, httpStatusCode: number) => named(name, '', { $metadata: { httpStatusCode } });

test.each<readonly [kind: string, error: unknown]>([
  ['transient', new TransientError('the row queue did not accept 3 messages')],
  ['permanent', new PermanentError('the message is not an S3 event')],
  ['transient', named('DatabaseResumingException')],
  ['transient', named('StatementTimeoutException')],
  ['transient', named('TimeoutError')],
  ['transient', ofAws('ThrottlingException', 400)],
  ['transient', ofAws('SecretsErrorException', 400)],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ].map((code) => ['transient', ofNetwork(code)] as const),
  ['transient', ofAws('AnyName', 500)],
  ['transient', ofAws('AnyName', 503)],
  ...['08006', '0A000', '25006', '28000', '28P01', '40P01', '53300', '55P03', '57P03', '58030'].map(
    (state) => ['transient', sql(state)] as const,
  ),
  ['transient', named('BadRequestException', 'FATAL: password authentication failed for user "x"')],
  ...['21000', '22P02', '23514', '54000'].map((state) => ['permanent', sql(state)] as const),
  ['unknown', sql('23503')],
  ['unknown', sql('23505')],
  ['unknown', sql('42883')],
  ['unknown', ofAws('AccessDeniedException', 403)],
  ['unknown', ofAws('AnyName', 499)],
  ['unknown', new TypeError('x is not a function')],
  ['unknown', 'a string'],
  ['unknown', null],
])('%s: %s', (kind, error) => expect(classifyError(error)).toBe(kind));

test("PostgreSQL's SQLSTATE decides, not the HTTP status of the answer", () => {
  const error = named('Error', 'ERROR: it failed; SQLState: 22P02', { $metadata: { httpStatusCode: 500 } });
  expect(classifyError(error)).toBe('permanent');
});

test.each([
  ['transient', new S3ServiceException({ name: 'AccessDenied', $fault: 'client', $metadata: {} })],
  ['transient', ofAws('AccessDenied', 403)],
  ['transient', named('Error', 'aborted', { code: 'ABORT_ERR' })],
  ['permanent', new PermanentError('the message is not an S3 event')],
  ['unknown', new TypeError('x is not a function')],
  ['unknown', 'a string'],
])('for the parser, which calls only S3 and SQS, %s: %s', (kind, error) =>
  expect(classifyError(error, 'transient')).toBe(kind),
);

test('an error has its name and its cause', () => {
  const cause = new Error('no route');
  const error = new TransientError('the bucket does not answer', { cause });
  expect(error).toMatchObject({ name: 'TransientError', cause });
  expect(new PermanentError('x').name).toBe('PermanentError');
});

test('a refused password has a specific name or message', () => {
  expect(isLoginRefused(named('InvalidSecretException'))).toBe(true);
  expect(isLoginRefused(sql('28P01'))).toBe(true);
  expect(isLoginRefused(sql('28P011'))).toBe(false);
  expect(isLoginRefused(named('SecretsErrorException'))).toBe(false);
  expect(isLoginRefused(null)).toBe(false);
});

test('only one error means that the database was paused', () => {
  expect(isResuming(named('DatabaseResumingException'))).toBe(true);
  expect(isResuming(named('DatabaseUnavailableException'))).toBe(false);
  expect(isResuming('DatabaseResumingException')).toBe(false);
});
