export type ErrorKind = 'transient' | 'permanent' | 'unknown';

/** Retrying cannot help: the message itself is at fault. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Retrying helps sooner or later: something that the work needs is not available right now. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

const NETWORK_CODE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** AWS errors that pass though their HTTP status is below 500 (RDS Data API reference; SDK guide, "Retry behavior"). */
const TRANSIENT_NAMES: ReadonlySet<string> = new Set([
  'DatabaseResumingException',
  'DatabaseUnavailableException',
  'DatabaseNotFoundException',
  'HttpEndpointNotEnabledException',
  'InternalServerErrorException',
  // The secret could not be read, or its password is wrong: an operator has to fix that.
  'InvalidSecretException',
  'SecretsErrorException',
  'ServiceUnavailableError',
  'SlowDown',
  'StatementTimeoutException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

/**
 * SQLSTATEs (PostgreSQL manual, appendix A), whole or by the class that their first two characters name. An error
 * that the row causes is permanent; an error that the server's state causes is transient.
 */
const SQLSTATES: Readonly<Record<string, ErrorKind>> = {
  // Two concurrent transactions can cause these too.
  '23503': 'unknown', // foreign key
  '23505': 'unknown', // unique
  '08': 'transient', // connection
  '0A': 'transient', // not supported: a message that only a later migration supports
  '21': 'permanent', // cardinality
  '22': 'permanent', // data
  '23': 'permanent', // constraint
  '25': 'transient', // transaction state, as on a read-only replica after a failover
  '28': 'transient', // authorization: a secret is being rotated
  '40': 'transient', // rollback, deadlock
  '53': 'transient', // resources
  '54': 'permanent', // limits
  '55': 'transient', // locks
  '57': 'transient', // operator intervention: shutting down, starting up
  '58': 'transient', // input and output
};

/** Both ways in which PostgreSQL refuses a login (manual, appendix A): invalid password, invalid authorization. */
const LOGIN_REFUSED = /SQLState: 28(P01|000)\b|password authentication failed/;

interface SystemError extends Error {
  /** Code of Node.js, such as `ECONNREFUSED`. */
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/**
 * Classifies an error of the pipeline, of the Data API, of SQS, of S3 or of the network.
 * @param unlisted kind of an AWS or system error that no table lists. It is transient for S3 and SQS, which never
 * refuse a call because of a row, and unknown for the Data API
 */
export function classifyError(error: unknown, unlisted: ErrorKind = 'unknown'): ErrorKind {
  if (error instanceof PermanentError) return 'permanent';
  if (error instanceof TransientError) return 'transient';
  if (!(error instanceof Error)) return 'unknown';
  if (TRANSIENT_NAMES.has(error.name) || isNetworkError(error) || isLoginRefused(error)) return 'transient';
  // The Data API gives PostgreSQL's code inside its message: "ERROR: …; SQLState: 22P02".
  const sqlState = /SQLState: ([0-9A-Z]{5})/.exec(error.message)?.[1];
  if (sqlState !== undefined) return SQLSTATES[sqlState] ?? SQLSTATES[sqlState.slice(0, 2)] ?? 'unknown';
  const { code, $metadata } = error as SystemError;
  if (($metadata?.httpStatusCode ?? 0) >= 500) return 'transient';
  return $metadata !== undefined || typeof code === 'string' ? unlisted : 'unknown';
}

/** True if the server never answered. */
export function isNetworkError(error: Error): boolean {
  return error.name === 'TimeoutError' || NETWORK_CODE.test(String((error as SystemError).code));
}

/** True if Aurora was paused and is starting: the SDK does not retry this error. */
export function isResuming(error: unknown): boolean {
  return error instanceof Error && error.name === 'DatabaseResumingException';
}

/**
 * True if the database refused a role's password. That is normal for a moment of each rotation: the database has the
 * new password, and the secret still has the old one.
 */
export function isLoginRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // The Data API reference does not say under which of the two names it reports a wrong password.
  return error.name === 'InvalidSecretException' || LOGIN_REFUSED.test(error.message);
}
