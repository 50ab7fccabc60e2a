import { deadlinesOf, findMissing, type MissingFile, zoneOf } from '../core/deadlines.ts';
import type { Query } from './data-api.ts';
import type { DeadlinesDocument } from './deadlines-file.ts';

const DAY_MILLISECONDS = 86_400_000;

/**
 * Finds the days without a file whose deadline passed in a window of time before now. A file that arrived after its
 * deadline counts: the day has it.
 * @returns the missing files of each store that has a deadline, which may be none
 */
export async function findMissingFiles(
  query: Query,
  { stores, deadlines }: DeadlinesDocument,
  window: { readonly now: Date; readonly windowMilliseconds: number },
): Promise<ReadonlyMap<string, readonly MissingFile[]>> {
  const watched = stores.filter((store) => deadlinesOf(deadlines, store).length > 0);
  if (watched.length === 0) return new Map();
  const since = window.now.getTime() - window.windowMilliseconds - 2 * DAY_MILLISECONDS;
  const rows = await query(
    `SELECT s.name || ' ' || CAST(CAST(u.received_at AT TIME ZONE s.zone AS date) AS text)
     FROM unnest(string_to_array(:stores, ','), string_to_array(:zones, ',')) AS s (name, zone)
     JOIN ledger.uploads AS u ON u.store_id = s.name
     WHERE u.status <> 'superseded' AND u.received_at >= CAST(:since AS timestamptz)
     GROUP BY 1`,
    {
      stores: watched.join(','),
      zones: watched.map((store) => zoneOf(deadlines, store)).join(','),
      since: new Date(since).toISOString(),
    },
  );
  const arrived = new Set(rows.map(([storeAndDay]) => storeAndDay));
  return new Map(
    watched.map((store) => {
      const hasArrived = (day: string) => arrived.has(`${store} ${day}`);
      return [store, findMissing(deadlines, store, hasArrived, window)];
    }),
  );
}
