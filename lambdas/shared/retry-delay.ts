/** No message waits longer than this for its next try; `docs/reliability.md`, "Maximum duration of an outage". */
export const MAX_RETRY_DELAY_SECONDS = 1_800;

/** An error of no known kind is retried this many times before it counts as permanent. */
export const MAX_UNKNOWN_ERROR_RECEIVES = 20;

/**
 * How long a message stays away from the functions after a failed try.
 * @param receiveCount how often it was received, from 1
 * @param random from 0 to 1: spreads the tries of messages that failed together over the last quarter of the delay
 * @returns seconds, 1 to MAX_RETRY_DELAY_SECONDS
 */
export function retryDelaySeconds(receiveCount: number, random: number): number {
  const longest = Math.min(MAX_RETRY_DELAY_SECONDS, 2 ** Math.min(receiveCount, 20));
  return Math.max(1, Math.round(longest * (0.75 + random / 4)));
}
