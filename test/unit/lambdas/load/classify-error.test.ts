import { expect, test } from 'vitest';
import { classifyError } from '../../../../lambdas/load/classify-error.ts';

const named = (name: string, message = '', more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });
const sql = (state: string) =>
  named('DatabaseErrorException', `ERROR: something; Position: 7; SQLState: ${state}`);

test.each([
  ['transient', named('DatabaseResumingException')],
  ['transient', named('StatementTimeoutException')],
  ['transient', named('ThrottlingException')],
  ['transient', named('Error', 'connect', { code: 'ECONNREFUSED' })],
  ['transient', named('Whatever', '', { $metadata: { httpStatusCode: 503 } })],
  ['transient', sql('40P01')],
  ['transient', sql('57P03')],
  ['transient', sql('53300')],
  [
    'transient',
    named('DatabaseErrorException', 'FATAL: password authentication failed for user "x"; SQLState: 28P01'),
  ],
  ['transient', named('BadRequestException', 'FATAL: password authentication failed for user "x"')],
  ['transient', sql('28000')],
  ['transient', sql('28P01')],
  [
    'transient',
    named('SecretsErrorException', 'timed out retrieving the secret', { $metadata: { httpStatusCode: 400 } }),
  ],
  ['permanent', sql('22P02')],
  ['permanent', sql('23514')],
  ['unknown', sql('42883')],
  ['unknown', named('AccessDeniedException', '', { $metadata: { httpStatusCode: 403 } })],
  ['unknown', 'a string'],
])('%s: %s', (kind, error) => expect(classifyError(error)).toBe(kind));
