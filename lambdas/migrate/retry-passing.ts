import { classifyError } from '../shared/errors.ts';
import { retry } from '../shared/retry.ts';

/** A policy that was created a moment ago may not apply everywhere yet (IAM user guide, "Changes are not always visible"). */
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 2_000;

/**
 * Errors through which a missing permission shows: for the call itself, or for the secret and its key, which the Data
 * API reads for the caller (RDS Data API reference, "ExecuteStatement"; Secrets Manager API reference, "GetSecretValue").
 */
const NOT_PERMITTED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'DecryptionFailure',
  'ForbiddenException',
  'InvalidResourceStateException',
  'NotFoundException',
]);
/** Message of a `BadRequestException`, the deprecated name of several errors, that is not about the statement. */
const ABOUT_ACCESS = /secret|not authorized|kms|http ?endpoint/i;

/**
 * Makes a call, and repeats it for a minute after an error that passes: a first deployment creates the role and the
 * database minutes before. The call may be made again when it took effect.
 */
export function retryPassing<Result>(
  call: () => Promise<Result>,
  pollMilliseconds = POLL_MILLISECONDS,
): Promise<Result> {
  const deadline = Date.now() + WAIT_MILLISECONDS;
  return retry(call, {
    shouldRetry: (error) => error instanceof Error && isPassing(error),
    delay: () => pollMilliseconds,
    deadline: () => deadline,
  });
}

function isPassing(error: Error): boolean {
  const { name, message } = error;
  // The statement still runs: the caller waits for its result.
  if (name === 'StatementTimeoutException') return false;
  if (name === 'BadRequestException' && ABOUT_ACCESS.test(message)) return true;
  return NOT_PERMITTED.has(name) || classifyError(error) === 'transient';
}
