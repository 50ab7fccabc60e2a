import { addDays, countDays, isDay, listDays } from '../calendar.ts';
import { addAmounts } from '../money.ts';

type Values = Readonly<Record<string, string>>;

/** Subject of the charts, as it is in the address of the page. The pipeline chooses in place of empty values. */
export interface NumbersFilter {
  readonly since: string;
  readonly until: string;
  readonly store: string;
  readonly product: string;
  /** File of which the product is shown that it has most, while none is chosen. */
  readonly upload: string;
  /** Number of days, until today, whose files are counted in the rejected rows. */
  readonly arrived: string;
}

/** Ranges that a person can choose with one click, in days until the last day with transactions. */
export const RANGES = [
  { days: 31, label: '31 days' },
  { days: 92, label: '3 months' },
  { days: 366, label: '12 months' },
] as const;

/** The longest range that the API answers, in days. */
const MAX_DAYS = 366;

/** Reads the filter in an address. Days that cannot be are left out, and a range that is too long is cut. */
export function readNumbersFilter({
  since = '',
  until = '',
  store = '',
  product = '',
  arrived = '',
  upload = '',
}: Values): NumbersFilter {
  const last = isDay(until) ? until : '';
  let first = isDay(since) ? since : '';
  if (last !== '' && first !== '') {
    if (first > last) first = last;
    if (countDays(first, last) >= MAX_DAYS) first = addDays(last, 1 - MAX_DAYS);
  }
  return {
    since: first,
    until: last,
    store,
    product,
    upload,
    arrived: /^\d{1,3}$/.test(arrived) ? arrived : '',
  };
}

export function writeNumbersQuery(filter: NumbersFilter, change: Partial<NumbersFilter> = {}): Values {
  return Object.fromEntries(Object.entries({ ...filter, ...change }).filter(([, value]) => value !== ''));
}

/** Rows that make a number. */
export interface WhyQuery {
  readonly product: string;
  readonly day: string;
  readonly store: string;
  readonly category: string;
  readonly since: string;
  readonly until: string;
}

/** Reads which number is to be explained. @returns undefined if the address is not about one */
export function readWhy({ why, day = '', ...values }: Values): WhyQuery | undefined {
  if (why === undefined) return undefined;
  const { since, until, store, product } = readNumbersFilter(values);
  const category = why === 'SELL' || why === 'BUY' ? why : '';
  return { product, day: isDay(day) ? day : '', store, category, since, until };
}

export interface StoreDays {
  readonly store: string;
  /** Exact sum of the days. */
  readonly total: string;
  /** Every day of the range, the oldest first. */
  readonly points: readonly { readonly day: string; readonly amount: string }[];
}

interface SoldDay {
  readonly day: string;
  readonly store: string;
  readonly sold: string;
}

/** Arranges what was sold by store, the stores by their totals. Days without transactions are 0.00. */
export function groupByStore(sold: readonly SoldDay[], since: string, until: string): StoreDays[] {
  const days = listDays(since, until);
  const stores = Map.groupBy(sold, ({ store }) => store);
  return Array.from(stores, ([store, entries]) => {
    const amounts = new Map(entries.map((entry) => [entry.day, entry.sold]));
    return {
      store,
      total: addAmounts(entries.map((entry) => entry.sold)),
      points: days.map((day) => ({ day, amount: amounts.get(day) ?? '0.00' })),
    };
  }).sort((one, other) => Number(other.total) - Number(one.total) || (one.store < other.store ? -1 : 1));
}
