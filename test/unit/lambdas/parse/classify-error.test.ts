import { S3ServiceException } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { classifyError } from '../../../../lambdas/parse/classify-error.ts';
import { TransientError } from '../../../../lambdas/shared/errors.ts';

const ofS3 = (name: string, $fault: 'client' | 'server') =>
  new S3ServiceException({ name, $fault, $metadata: { httpStatusCode: 403 }, message: name });

test.each([
  ['transient', ofS3('SlowDown', 'server')],
  ['transient', ofS3('AccessDenied', 'client')],
  ['transient', new TransientError('the row queue did not take 3 messages')],
  ['transient', Object.assign(new Error('aborted'), { code: 'ECONNRESET' })],
  ['unknown', new TypeError('x is not a function')],
  ['unknown', 'a string'],
])('%s: %s', (kind, error) => expect(classifyError(error)).toBe(kind));
