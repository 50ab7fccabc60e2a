import { expect, test } from 'vitest';
import { MAX_RETRY_DELAY_SECONDS, retryDelaySeconds } from '../../../../lambdas/shared/retry-delay.ts';

test('delays grow from seconds to the longest one', () => {
  const delays = [1, 2, 5, 10, 11, 1_000].map((count) => retryDelaySeconds(count, 1));
  expect(delays).toEqual([2, 4, 32, 1_024, MAX_RETRY_DELAY_SECONDS, MAX_RETRY_DELAY_SECONDS]);
});

test('the shortest delays still fit fewer than 1,000 receives into 14 days', () => {
  let seconds = 0;
  let receives = 0;
  while (seconds < 14 * 86_400) seconds += retryDelaySeconds(++receives, 0);
  expect(receives).toBeLessThan(1_000);
});
