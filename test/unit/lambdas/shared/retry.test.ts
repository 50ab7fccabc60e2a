import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  MAX_RETRY_DELAY_SECONDS,
  type RetryOptions,
  retry,
  retryDelaySeconds,
} from '../../../../lambdas/shared/retry.ts';

describe('the delay of a message', () => {
  test('grows from seconds to the longest delay', () => {
    const delays = [1, 2, 5, 10, 11, 1_000].map((count) => retryDelaySeconds(count, 1));
    expect(delays).toEqual([2, 4, 32, 1_024, MAX_RETRY_DELAY_SECONDS, MAX_RETRY_DELAY_SECONDS]);
  });

  test('is spread over its last quarter, and at least a second', () => {
    expect([0, 0.5, 1].map((random) => retryDelaySeconds(5, random))).toEqual([24, 28, 32]);
    expect(retryDelaySeconds(0, 0)).toBe(1);
  });

  test('leaves fewer than 1,000 receives in 14 days', () => {
    let seconds = 0;
    let receives = 0;
    while (seconds < 14 * 86_400) seconds += retryDelaySeconds(++receives, 0);
    expect(receives).toBeLessThan(1_000);
  });
});

describe('retry', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0 }));
  afterEach(() => void vi.useRealTimers());

  /** Retries work that fails this number of times. @returns the result or error, the time and the number of tries */
  async function run(failures: number, options: Partial<RetryOptions> = {}) {
    let tries = 0;
    const work = async () => {
      if (++tries <= failures) throw new Error(`failure ${tries}`);
      return 'done';
    };
    const all = { shouldRetry: () => true, delay: (attempt: number) => attempt * 10, ...options };
    const outcome = retry(work, all).catch((error: Error) => error.message);
    await vi.runAllTimersAsync();
    return { outcome: await outcome, time: Date.now(), tries };
  }

  test('waits between tries until the work succeeds', async () => {
    expect(await run(0)).toEqual({ outcome: 'done', time: 0, tries: 1 });
    expect(await run(3)).toEqual({ outcome: 'done', time: 60, tries: 4 });
  });

  test('throws an error that another try cannot help at once', async () => {
    const shouldRetry = (error: unknown, attempt: number) => {
      expect(error).toEqual(new Error(`failure ${attempt}`));
      return attempt < 2;
    };
    expect(await run(3, { shouldRetry })).toEqual({ outcome: 'failure 2', time: 10, tries: 2 });
  });

  test('begins no try after the deadline', async () => {
    expect(await run(9, { deadline: () => 30 })).toEqual({ outcome: 'failure 3', time: 30, tries: 3 });
    vi.setSystemTime(0);
    expect(await run(9, { deadline: () => 29 })).toEqual({ outcome: 'failure 2', time: 10, tries: 2 });
  });
});
