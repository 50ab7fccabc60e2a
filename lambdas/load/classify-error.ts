import type { ErrorKind } from '../shared/errors.ts';
import { NETWORK_CODES } from '../shared/network-codes.ts';
import { isWrongPassword } from '../shared/wrong-password.ts';

/** Errors of the Data API that pass (RDS Data API reference, "Common errors" and ExecuteStatement). */
const TRANSIENT_NAMES = new Set([
  'DatabaseResumingException',
  'DatabaseUnavailableException',
  'DatabaseNotFoundException',
  'HttpEndpointNotEnabledException',
  'InternalServerErrorException',
  // The secret could not be read, or holds nothing that lets anybody in: that is for somebody to mend.
  'InvalidSecretException',
  'SecretsErrorException',
  'ServiceUnavailableError',
  'StatementTimeoutException',
  'ThrottlingException',
  'TooManyRequestsException',
  'TimeoutError',
]);

/**
 * SQLSTATEs (PostgreSQL manual, appendix A), whole or by the class that their first two characters name. What the
 * row itself causes is permanent; what the server's state causes passes.
 */
const SQLSTATES: Readonly<Record<string, ErrorKind>> = {
  // Two transactions at the same moment can cause these too.
  '23503': 'unknown', // foreign key
  '23505': 'unknown', // unique
  '08': 'transient', // connection
  '0A': 'transient', // not supported: a message that a migration still to come will know
  '21': 'permanent', // cardinality
  '22': 'permanent', // data
  '23': 'permanent', // constraint
  '25': 'transient', // transaction state, as on a read-only replica after a failover
  '40': 'transient', // rollback, deadlock
  '53': 'transient', // resources
  '54': 'permanent', // limits
  '55': 'transient', // locks
  '57': 'transient', // operator intervention: shutting down, starting up
  '58': 'transient', // input and output
};

/** What an error of a Data API call means for the message that caused it. */
export function classifyError(error: unknown): ErrorKind {
  if (!(error instanceof Error)) return 'unknown';
  if (TRANSIENT_NAMES.has(error.name)) return 'transient';
  // A secret is being rotated.
  if (isWrongPassword(error)) return 'transient';
  if (NETWORK_CODES.has((error as NodeJS.ErrnoException).code ?? '')) return 'transient';
  // The Data API gives PostgreSQL's code inside its message: "ERROR: …; SQLState: 22P02".
  const sqlState = /SQLState: ([0-9A-Z]{5})/.exec(error.message)?.[1];
  if (sqlState !== undefined) return SQLSTATES[sqlState] ?? SQLSTATES[sqlState.slice(0, 2)] ?? 'unknown';
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode ?? 0;
  return status >= 500 ? 'transient' : 'unknown';
}
