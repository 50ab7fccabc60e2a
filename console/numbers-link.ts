import { addDays } from './calendar.ts';
import { hrefOf } from './router.ts';

/** Days before the last one that a chart shows at least: one day alone is no chart. */
const DAYS_BEFORE = 6;

interface Loaded {
  readonly uploadId: string;
  readonly store: string;
  /** Days of the rows; null where none is known. */
  readonly days: readonly (string | null)[];
}

/** Address of the charts that show the rows of a file: its store, its days, and the product that it has most. */
export function hrefOfNumbers({ uploadId, store, days }: Loaded): string {
  const known = days.filter((day) => day !== null).sort();
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return hrefOf('numbers', { query: { store } });
  const earliest = addDays(last, -DAYS_BEFORE);
  const since = first < earliest ? first : earliest;
  return hrefOf('numbers', { query: { store, since, until: last, upload: uploadId } });
}
