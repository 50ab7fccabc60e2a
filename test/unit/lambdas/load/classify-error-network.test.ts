import { expect, it } from 'vitest';
import { classifyError } from '../../../../lambdas/load/classify-error.ts';

it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])(
  'takes %s for an error that passes',
  (code) => {
    expect(classifyError(Object.assign(new Error(`connect ${code}`), { code }))).toBe('transient');
  },
);

it('lets what PostgreSQL says stand above the status of the answer', () => {
  const error = new Error('ERROR: it failed; SQLState: 22P02');
  expect(classifyError(Object.assign(error, { $metadata: { httpStatusCode: 500 } }))).toBe('permanent');
});
