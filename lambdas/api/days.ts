import type { DayState, DaysAnswer, StoreDay } from '../core/api-answers.ts';
import { type Deadline, expectedBy, zoneOf } from '../core/deadlines.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import type { HttpEvent } from './callers.ts';
import type { Ledger } from './ledger.ts';
import { addDays, Parameters } from './parameters.ts';

const DAYS = { days: 14, max: 366 };
/** Stores that are looked up in the ledger. */
const MAX_FOUND_STORES = 1_000;
/** Store-days of an answer: a response of the Data API has at most 1 MiB. */
const PAGE_ROWS = 3_000;
const POSITION = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})$/;

type Arrivals = Omit<StoreDay, 'state' | 'expected'>;

/**
 * `GET /days`: every day of every store, by store and day. A page has whole stores. A store that the settings do not have
 * is there if a file of it arrived on one of the days.
 */
export async function listDays(
  event: HttpEvent,
  ledger: Ledger,
  { stores: known, deadlines }: ApiSettings,
): Promise<DaysAnswer> {
  const parameters = new Parameters(event, 'listDays');
  const now = new Date().toISOString();
  const { since, until } = await parameters.range(async () => now.slice(0, 10), DAYS);
  const [after = ''] = parameters.position('after', POSITION) ?? [];
  const days: string[] = [];
  for (let day = since; day <= until; day = addDays(day, 1)) days.push(day);
  const asked = parameters.stores() ?? known;
  const others = parameters.stores() === undefined ? await findStores(ledger) : [];
  const stores = [...new Set([...asked, ...others])].sort().filter((store) => store > after);
  const page = stores.slice(0, Math.floor(PAGE_ROWS / days.length));
  const found =
    page.length > 0
      ? await readArrivals(ledger, page, deadlines, { since, until })
      : new Map<string, Arrivals>();
  return {
    since,
    until,
    days: page
      .filter((store) => asked.includes(store) || days.some((day) => found.has(`${store} ${day}`)))
      .flatMap((store) => {
        // Only the stores of the settings have deadlines, as for the alarm of missing files.
        const expected = known.includes(store) ? deadlines : [];
        return days.map((day) => judge(found.get(`${store} ${day}`) ?? nothing(store, day), expected, now));
      }),
    ...(page.length < stores.length && { next: page.at(-1)! }),
  };
}

/**
 * Finds the stores of all uploads with one step in the index for each, however many uploads there are (PostgreSQL wiki,
 * "Loose indexscan").
 */
async function findStores(ledger: Ledger): Promise<string[]> {
  return ledger.read<string>(
    `WITH RECURSIVE s (store_id) AS (
       (SELECT h.store_id FROM ledger.upload_history AS h ORDER BY h.store_id LIMIT 1)
       UNION ALL
       SELECT (SELECT h.store_id FROM ledger.upload_history AS h WHERE h.store_id > s.store_id
               ORDER BY h.store_id LIMIT 1)
       FROM s WHERE s.store_id IS NOT NULL
     )
     SELECT CAST(to_json(s.store_id) AS text) FROM s WHERE s.store_id IS NOT NULL LIMIT ${MAX_FOUND_STORES}`,
    {},
  );
}

/** Counts what arrived, by store and day. */
async function readArrivals(
  ledger: Ledger,
  stores: readonly string[],
  deadlines: readonly Deadline[],
  range: { readonly since: string; readonly until: string },
): Promise<Map<string, Arrivals>> {
  const rows = await ledger.read<Arrivals>(
    `SELECT CAST(json_build_object('store', d.store_id, 'day', d.day, 'uploads', d.uploads, 'loading', d.loading,
       'failed', d.failed, 'rows', d.rows, 'rejected', d.rejected, 'open', d.open,
       'firstArrival', ledger.format_time(d.first_arrival)) AS text)
     FROM (
       SELECT h.store_id, CAST(h.received_at AT TIME ZONE s.zone AS date) AS day, count(*) AS uploads,
         count(*) FILTER (WHERE h.status = 'loading') AS loading,
         count(*) FILTER (WHERE h.status = 'failed') AS failed,
         sum(h.rows_read) AS rows, sum(h.rows_rejected) AS rejected,
         coalesce(sum(ledger.count_open(h.upload_id)) FILTER (WHERE h.rows_rejected > 0), 0) AS open,
         min(h.received_at) AS first_arrival
       FROM unnest(string_to_array(:stores, ','), string_to_array(:zones, ',')) AS s (name, zone)
       JOIN ledger.upload_history AS h ON h.store_id = s.name
       WHERE h.status <> 'superseded'
         -- The range in every time zone, for the index.
         AND h.received_at >= CAST(CAST(:since AS date) - 1 AS timestamp) AT TIME ZONE 'UTC'
         AND h.received_at < CAST(CAST(:until AS date) + 2 AS timestamp) AT TIME ZONE 'UTC'
         AND h.received_at >= CAST(CAST(:since AS date) AS timestamp) AT TIME ZONE s.zone
         AND h.received_at < CAST(CAST(:until AS date) + 1 AS timestamp) AT TIME ZONE s.zone
       GROUP BY h.store_id, CAST(h.received_at AT TIME ZONE s.zone AS date)
     ) AS d`,
    { stores: stores.join(','), zones: stores.map((store) => zoneOf(deadlines, store)).join(','), ...range },
  );
  return new Map(rows.map((row) => [`${row.store} ${row.day}`, row]));
}

function nothing(store: string, day: string): Arrivals {
  return { store, day, uploads: 0, loading: 0, failed: 0, rows: 0, rejected: 0, open: 0, firstArrival: null };
}

function judge(arrivals: Arrivals, deadlines: readonly Deadline[], now: string): StoreDay {
  const expected = expectedBy(deadlines, arrivals.store, arrivals.day) ?? null;
  return { ...arrivals, state: findState(arrivals, expected, now), expected };
}

function findState(
  { uploads, failed, open, firstArrival }: Arrivals,
  expected: string | null,
  now: string,
): DayState {
  if (uploads === 0) return expected !== null && expected < now ? 'missing' : 'none';
  if (failed > 0) return 'failed';
  if (open > 0) return 'rejects';
  return expected !== null && firstArrival !== null && firstArrival > expected ? 'late' : 'complete';
}
