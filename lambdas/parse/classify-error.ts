import { type ErrorKind, TransientError } from '../shared/errors.ts';

/**
 * What an error means for the upload that met it. Whatever AWS answers passes, sooner or later, and so does what the
 * network does: the parser needs nothing but S3 and SQS. Anything else is a fault of its own code.
 */
export function classifyError(error: unknown): ErrorKind {
  if (!(error instanceof Error)) return 'unknown';
  const isOfAws = '$metadata' in error;
  // Node names what happened to a connection by a code.
  const isOfNetwork = typeof (error as NodeJS.ErrnoException).code === 'string';
  return isOfAws || isOfNetwork || error instanceof TransientError ? 'transient' : 'unknown';
}
