import { NETWORK_CODES } from '../../lambdas/shared/network-codes.ts';

/** What errors of the SDK, of its credential providers and of Node's sockets may have. */
export interface AwsError extends Error {
  /** Of Node, such as `ECONNREFUSED`. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Errors that pass though they are no errors of the server (RDS Data API reference, SDK guide "Retry behavior"). */
const PASSING_NAMES: ReadonlySet<string> = new Set([
  'DatabaseResumingException',
  'DatabaseUnavailableException',
  'StatementTimeoutException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'SlowDown',
]);

/** Whether no answer came at all. */
export function isNetworkError({ name, code }: AwsError): boolean {
  return name === 'TimeoutError' || NETWORK_CODES.has(code ?? '');
}

/** Whether the same call may succeed a little later, with nothing done about it. */
export function isPassing(error: AwsError): boolean {
  return (
    isNetworkError(error) || PASSING_NAMES.has(error.name) || (error.$metadata?.httpStatusCode ?? 0) >= 500
  );
}
