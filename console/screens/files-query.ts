import type { Query } from '../api.ts';
import { isDay } from '../calendar.ts';

/** Kinds of files that a person can look for. */
export const FILE_FILTERS = [
  { status: '', label: 'All' },
  { status: 'open', label: 'To correct' },
  { status: 'failed', label: 'Refused' },
  { status: 'loading', label: 'Loading' },
] as const;

type Values = Readonly<Record<string, string>>;

/** Filters of the list, as they are in the address of the page. */
export interface FilesFilter {
  readonly status: string;
  readonly store: string;
  readonly day: string;
  readonly name: string;
  /** Reject code of some of its rows. */
  readonly code: string;
  /** Place in the list after which the page begins. */
  readonly before: string;
}

/** Reads the filters in an address. A value that cannot be is left out. */
export function readFilesFilter({
  status = '',
  store = '',
  day = '',
  name = '',
  code = '',
  before = '',
}: Values): FilesFilter {
  const isKnown = FILE_FILTERS.some((filter) => filter.status === status);
  return { status: isKnown ? status : '', store, day: isDay(day) ? day : '', name, code, before };
}

/** Changes filters. Another filter shows another list, which begins at its first page. */
export function changeFilter(filter: FilesFilter, change: Partial<FilesFilter>): Values {
  const next = { ...filter, before: '', ...change };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ''));
}

export function isFiltered({ status, store, day, name, code }: FilesFilter): boolean {
  return [status, store, day, name, code].some((value) => value !== '');
}

/** Parameters of `GET /uploads`. */
export function toUploadsQuery(filter: FilesFilter): Query {
  return { ...filter };
}

export interface DayGroup<Entry> {
  /** Day of arrival in the zone of the browser, `YYYY-MM-DD`. */
  readonly day: string;
  readonly entries: readonly Entry[];
}

/** Groups uploads by the day of their arrival, as the clock on the wall has it. Their order stays. */
export function groupByDay<Entry extends { readonly receivedAt: string }>(
  entries: readonly Entry[],
  toLocalDay: (time: Date) => string,
): DayGroup<Entry>[] {
  const groups: { day: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const day = toLocalDay(new Date(entry.receivedAt));
    if (groups.at(-1)?.day !== day) groups.push({ day, entries: [] });
    groups.at(-1)!.entries.push(entry);
  }
  return groups;
}
