/** Longest delay of a message before its next try; `docs/reliability.md`, "Maximum duration of an outage". */
export const MAX_RETRY_DELAY_SECONDS = 1_800;

/** Receives after which an error of unknown kind counts as permanent. */
export const MAX_UNKNOWN_ERROR_RECEIVES = 20;

/**
 * Delay of a message after a failed try. It doubles with each receive.
 * @param receiveCount number of receives, from 1
 * @param random from 0 to 1: spreads the tries of messages that failed together over the last quarter of the delay
 * @returns seconds, from 1 to MAX_RETRY_DELAY_SECONDS
 */
export function retryDelaySeconds(receiveCount: number, random: number): number {
  const longest = Math.min(MAX_RETRY_DELAY_SECONDS, 2 ** Math.min(receiveCount, 20));
  return Math.max(1, Math.round(longest * (0.75 + random / 4)));
}

export interface RetryOptions {
  /** Decides whether another try can help. @param attempt number of tries so far */
  readonly shouldRetry: (error: unknown, attempt: number) => boolean;
  /** Delay before the next try, in milliseconds. */
  readonly delay: (attempt: number, error: unknown) => number;
  /** Time after which no further try begins, in milliseconds since the epoch; by default there is none. */
  readonly deadline?: (error: unknown) => number;
}

/**
 * Calls `work` until it succeeds.
 * @throws the last error, if another try cannot help or would begin after the deadline
 */
export async function retry<Result>(
  work: () => Promise<Result>,
  { shouldRetry, delay, deadline = () => Number.POSITIVE_INFINITY }: RetryOptions,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const milliseconds = delay(attempt, error);
      if (!shouldRetry(error, attempt) || Date.now() + milliseconds > deadline(error)) throw error;
      // The global function, which tests replace by a clock of their own.
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  }
}
