import { setTimeout as sleep } from 'node:timers/promises';

/** A policy that was made a moment ago may not hold everywhere yet (IAM user guide, "Changes are not always visible"). */
const PATIENCE_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 2_000;
const DENIED = /^AccessDenied(Exception)?$/;

/**
 * Makes a call, and again for a minute where it is not permitted: a first deployment makes the role seconds before.
 * @throws what the call throws
 */
export async function oncePermitted<Result>(
  call: () => Promise<Result>,
  pollMilliseconds = POLL_MILLISECONDS,
): Promise<Result> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isDenied = error instanceof Error && DENIED.test(error.name);
      if (!isDenied || Date.now() + pollMilliseconds > deadline) throw error;
      await sleep(pollMilliseconds);
    }
  }
}
