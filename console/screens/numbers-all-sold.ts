import { useEffect, useState } from 'preact/hooks';
import type { SoldAnswer } from '../../lambdas/core/api-answers.ts';
import { type ApiError, get } from '../api.ts';
import { announce } from '../parts/toast.tsx';

/**
 * Reads the further pages of what was sold: a part of the days has no sum and no chart.
 * @returns undefined until every page is there
 */
export function useAllSold(first: SoldAnswer, store: string): SoldAnswer | undefined {
  const [whole, setWhole] = useState<{ readonly first: SoldAnswer; readonly days: SoldAnswer['days'] }>();
  useEffect(() => {
    const stop = new AbortController();
    readPages(first, store, stop.signal).then(
      (days) => setWhole({ first, days }),
      (error: ApiError) => !stop.signal.aborted && announce(error.message, 'problem'),
    );
    return () => stop.abort();
    // Another store has another first page. Until it is there, this one belongs to the store before.
  }, [first]);
  if (first.next === undefined) return first;
  return whole?.first === first ? { ...first, days: whole.days } : undefined;
}

async function readPages(first: SoldAnswer, store: string, signal: AbortSignal): Promise<SoldAnswer['days']> {
  const { since, until } = first;
  const days = [...first.days];
  let after = first.next;
  while (after !== undefined) {
    const page: SoldAnswer = await get<SoldAnswer>('/numbers/sold', { since, until, store, after }, signal);
    days.push(...page.days);
    after = page.next;
  }
  return days;
}
