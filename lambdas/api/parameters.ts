import type { UploadStatus } from '../core/api-answers.ts';
import { toIsoDate } from '../core/rows/dates.ts';
import { STORE_PATTERN } from '../core/upload-key.ts';
import type { RouteName } from '../shared/api-routes.ts';
import { type HttpEvent, type Stores, storesOf } from './callers.ts';
import { UUID } from './ledger.ts';
import { ProblemError } from './problem.ts';

/** Choices of `status`: those of uploads, and two for uploads with rejected rows. */
export const UPLOAD_FILTERS = [
  'loading',
  'complete',
  'failed',
  'superseded',
  'rejected',
  'open',
] as const satisfies readonly (UploadStatus | 'rejected' | 'open')[];
export type UploadFilter = (typeof UPLOAD_FILTERS)[number];

const CATEGORIES = ['SELL', 'BUY'] as const;
const MAX_TEXT = 500;
const UUID_TEXT = new RegExp(`^${UUID}$`);
const DAY_FORM = /^\d{4}-\d\d-\d\d$/;
const DAY = /^([12]\d{3})-(\d\d)-(\d\d)$/;
const MILLISECONDS_PER_DAY = 86_400_000;

const STORE = 'Only this store.';
const BEFORE = 'Value of "next" of a page.';
const [SINCE, UNTIL] = ['First day, YYYY-MM-DD.', 'Last day, YYYY-MM-DD.'];
const RANGE = {
  since: `${SINCE} By default the range has 31 days. It has at most 366.`,
  until: `${UNTIL} By default the last day with transactions, except days to come.`,
};

/** Descriptions of the parameters of the query, by route. */
export const QUERY_PARAMETERS: Readonly<Partial<Record<RouteName, Readonly<Record<string, string>>>>> = {
  listUploads: {
    store: STORE,
    status: `One of ${UPLOAD_FILTERS.join(', ')}: "rejected" is uploads with rejected rows, "open" those with rows that are still to be corrected.`,
    code: 'Only files with rows that were rejected with this reject code.',
    day: 'Only uploads that arrived on this day of GET /days.',
    name: 'Only files whose names have this text, in any case.',
    before: BEFORE,
  },
  listRejects: {
    state: 'Only rows of this state: open, corrected, waived, retracted, settled or repeated.',
    limit: 'Rows on a page, from 1 to 1000, by default 100. A page has fewer if its texts are long.',
    after: BEFORE,
  },
  listConflicts: { after: BEFORE },
  findProducts: { search: 'Only names with this text, in any case.', store: STORE },
  getBalance: { product: 'Name of the product. Needed.', store: STORE, since: SINCE, until: UNTIL },
  getTopProducts: {
    ...RANGE,
    store: STORE,
    limit: 'Number of products, from 1 to 100, by default 10.',
  },
  getSold: { ...RANGE, store: STORE, after: BEFORE },
  getRejectNumbers: {
    since: RANGE.since,
    until: `${UNTIL} By default today. A day is that of the arrival, in UTC.`,
    store: STORE,
  },
  listTransactions: {
    product: 'Name of the product. At least one of product, day and upload is needed.',
    day: 'Only this day, YYYY-MM-DD.',
    upload: 'Only the rows that this upload brought.',
    line: 'Only the row of this line of its file.',
    since: SINCE,
    until: UNTIL,
    store: STORE,
    category: 'SELL or BUY.',
    after: BEFORE,
  },
  listDays: {
    since: `${SINCE} By default the range has 14 days. It has at most 366.`,
    until: `${UNTIL} By default today.`,
    store: STORE,
    after: BEFORE,
  },
};

/** The parameters of a request. Each method throws a {@link ProblemError} that says what to correct. */
export class Parameters {
  #values: Readonly<Record<string, string | undefined>>;
  #stores: Stores;

  /** Refuses parameters that the route does not have: a mistyped filter would otherwise give everything. */
  constructor({ queryStringParameters = {}, requestContext }: HttpEvent, route: RouteName) {
    const known = Object.keys(QUERY_PARAMETERS[route] ?? {});
    const unknown = Object.keys(queryStringParameters).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      const names = known.length > 0 ? `has ${known.join(', ')}` : 'has no parameters';
      throw new ProblemError('parameter-invalid', `The route has no parameter "${unknown}": it ${names}.`);
    }
    this.#values = queryStringParameters;
    this.#stores = storesOf(requestContext);
  }

  /** Returns the stores that the answer is about: that of the parameter `store`, or all of the caller. */
  stores(): Stores {
    const store = this.text('store');
    if (store === undefined) return this.#stores;
    if (!STORE_PATTERN.test(store)) throw invalid('store', 'the name of one store');
    if (this.#stores?.includes(store) === false) {
      throw new ProblemError('forbidden', `You may not read the store "${store}". Ask the operator for it.`);
    }
    return [store];
  }

  /** Returns a text of at most 500 characters that PostgreSQL can store. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    if (value === '' || value.length > MAX_TEXT || value.includes('\0') || !value.isWellFormed()) {
      throw invalid(name, `a text from 1 to ${MAX_TEXT} characters`);
    }
    return value;
  }

  /** Returns a text that the route needs. */
  needed(name: string): string {
    const value = this.text(name);
    if (value !== undefined) return value;
    throw new ProblemError('parameter-invalid', `The parameter "${name}" is missing. Send it.`);
  }

  uuid(name: string): string | undefined {
    const value = this.#values[name]?.toLowerCase();
    if (value === undefined || UUID_TEXT.test(value)) return value;
    throw invalid(name, 'a UUID');
  }

  choice<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.#values[name];
    const found = choices.find((choice) => choice === value);
    if (value === undefined || found !== undefined) return found;
    throw invalid(name, `one of ${choices.join(', ')}`);
  }

  category() {
    return this.choice('category', CATEGORIES);
  }

  /** Returns a whole number in a range. */
  integer(name: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const number = /^\d{1,10}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw invalid(name, `a whole number from ${min} to ${max}`);
  }

  /** Returns an existing day as `YYYY-MM-DD`. */
  day(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || isExistingDay(value)) return value;
    throw invalid(name, 'an existing day, YYYY-MM-DD');
  }

  /**
   * Returns the days of `since` and `until`, both included.
   * @param last the last day without `until`
   * @param days number of days without `since`, and the maximum
   */
  async range(last: () => Promise<string>, { days, max }: { readonly days: number; readonly max: number }) {
    const until = this.day('until') ?? (await last());
    const since = this.day('since') ?? addDays(until, 1 - days);
    if (since > until) throw invalid('since', `a day up to ${until}, which is the last one`);
    if (addDays(since, max) <= until) throw invalid('since', `at most ${max} days before the last one`);
    return { since, until };
  }

  /** Returns the parts of a position that an earlier answer gave as `next`. */
  position(name: string, pattern: RegExp): readonly string[] | undefined {
    const value = this.#values[name];
    if (value === undefined) return undefined;
    const [whole, ...parts] = pattern.exec(value) ?? [];
    if (whole !== undefined && parts.every((part) => !DAY_FORM.test(part) || isExistingDay(part)))
      return parts;
    const detail = `The parameter "${name}" is not a position. Send the value of "next" of an earlier answer.`;
    throw new ProblemError('parameter-invalid', detail);
  }
}

function isExistingDay(text: string): boolean {
  const [, year = '', month = '', day = ''] = DAY.exec(text) ?? [];
  return toIsoDate(year, month, day) !== undefined;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * MILLISECONDS_PER_DAY).toISOString().slice(0, 10);
}

function invalid(name: string, wanted: string): ProblemError {
  return new ProblemError('parameter-invalid', `The parameter "${name}" is wrong: send ${wanted}.`);
}
