import { retry } from '../shared/retry.ts';

/** A policy that was created a moment ago may not apply everywhere yet (IAM user guide, "Changes are not always visible"). */
const WAIT_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 2_000;
const DENIED = /^AccessDenied(Exception)?$/;

/** Makes a call, and repeats it for a minute if it is denied: a first deployment creates the role seconds before. */
export function oncePermitted<Result>(
  call: () => Promise<Result>,
  pollMilliseconds = POLL_MILLISECONDS,
): Promise<Result> {
  const deadline = Date.now() + WAIT_MILLISECONDS;
  return retry(call, {
    shouldRetry: (error) => error instanceof Error && DENIED.test(error.name),
    delay: () => pollMilliseconds,
    deadline: () => deadline,
  });
}
