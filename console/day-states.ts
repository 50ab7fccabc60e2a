import type { DayState, StoreDay } from '../lambdas/core/api-answers.ts';
import { plural } from '../lambdas/core/plural.ts';
import { arrangeWeeks, listDays } from './calendar.ts';
import type { Format } from './format.ts';

/** State of a day as people see it. Loading is on top of the states of the API. */
export type ShownState = DayState | 'loading';

export interface DayStateText {
  readonly icon: 'check' | 'late' | 'warning' | 'cross' | 'missing' | 'dots';
  readonly label: string;
  readonly meaning: string;
}

export const DAY_STATES: Readonly<Record<Exclude<ShownState, 'none'>, DayStateText>> = {
  complete: { icon: 'check', label: 'Complete', meaning: 'Every file of the day is loaded.' },
  loading: { icon: 'dots', label: 'Loading', meaning: 'A file is being loaded.' },
  late: { icon: 'late', label: 'Late', meaning: 'The first file came after the deadline.' },
  rejects: { icon: 'warning', label: 'To correct', meaning: 'Rows are still to be corrected.' },
  failed: { icon: 'cross', label: 'Refused', meaning: 'A file was refused as a whole.' },
  missing: { icon: 'missing', label: 'Missing', meaning: 'No file came before the deadline.' },
};

/** States that need a person, the most urgent first. */
const URGENT = ['missing', 'failed', 'rejects', 'late'] as const satisfies readonly DayState[];

/** State of a day: a file that still loads may change it. */
export function showState({ state, loading }: Pick<StoreDay, 'state' | 'loading'>): ShownState {
  return loading > 0 && (state === 'complete' || state === 'none') ? 'loading' : state;
}

/** Says a day of a store in words. */
export function describeDay(day: StoreDay, { longDay, count, clock }: Format): string {
  const state = showState(day);
  const facts = [
    ...(day.uploads > 0 ? [`${count(day.uploads)} ${plural(day.uploads, 'file')}`] : []),
    ...(day.rows > 0 ? [`${count(day.rows)} ${plural(day.rows, 'row')}`] : []),
    ...(day.open > 0 ? [`${count(day.open)} to correct`] : []),
    ...(day.failed > 0 ? [`${count(day.failed)} refused`] : []),
    ...(day.expected !== null ? [`expected until ${clock(day.expected)}`] : []),
  ];
  const label = state === 'none' ? 'nothing arrived' : DAY_STATES[state].label.toLowerCase();
  return `${longDay(day.day)}, store ${day.store}: ${[label, ...facts].join(', ')}`;
}

/** Places of a grid: a day of a store, a day of which nothing is known, or undefined for no day. */
export interface DayCell {
  readonly day: string;
  readonly store: string;
  readonly entry: StoreDay | undefined;
}
export type DayGrid = readonly (readonly (DayCell | undefined)[])[];

/** Arranges the days of one store in weeks. */
export function arrangeMonth(
  entries: readonly StoreDay[],
  store: string,
  month: string,
  firstWeekday: number,
): DayGrid {
  const byDay = new Map(entries.filter((entry) => entry.store === store).map((entry) => [entry.day, entry]));
  return arrangeWeeks(month, firstWeekday).map((week) =>
    week.map((day) => (day === undefined ? undefined : { day, store, entry: byDay.get(day) })),
  );
}

/** Arranges one row for each store. */
export function arrangeStores(
  entries: readonly StoreDay[],
  stores: readonly string[],
  since: string,
  until: string,
): DayGrid {
  const byPlace = new Map(entries.map((entry) => [`${entry.store} ${entry.day}`, entry]));
  const days = listDays(since, until);
  return stores.map((store) => days.map((day) => ({ day, store, entry: byPlace.get(`${store} ${day}`) })));
}

/** Lists the days that need a person, the most urgent first, and among those the newest. */
export function listUrgent(entries: readonly StoreDay[]): StoreDay[] {
  const rankOf = ({ state }: StoreDay) => URGENT.indexOf(state as (typeof URGENT)[number]);
  return entries
    .filter((entry) => rankOf(entry) >= 0)
    .sort((one, other) => rankOf(one) - rankOf(other) || (one.day < other.day ? 1 : -1));
}
