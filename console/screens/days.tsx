import { useState } from 'preact/hooks';
import type { DaysAnswer, StoreDay } from '../../lambdas/core/api-answers.ts';
import { addMonths, firstDayOfMonth, isDay, lastDayOfMonth, monthOfDay } from '../calendar.ts';
import {
  arrangeMonth,
  arrangeStores,
  DAY_STATES,
  describeDay,
  listUrgent,
  showState,
} from '../day-states.ts';
import { format } from '../format.ts';
import { Icon } from '../parts/icon.tsx';
import { useKept } from '../parts/kept.ts';
import { EmptyState, ErrorState, Skeleton, StaleNote } from '../parts/states.tsx';
import { StoreSelect } from '../parts/store-select.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, navigate, type Route } from '../router.ts';
import { useNamedStores } from '../stores.ts';
import { DayMatrix, MonthGrid } from './days-grid.tsx';

const FIRST_URGENT = 5;

/** Which days of which stores arrived, and how. */
export function Days({ route }: { readonly route: Route }) {
  const { month: given = '', store = '' } = route.query;
  // The day of an arrival is counted in UTC.
  const thisMonth = monthOfDay(new Date().toISOString());
  const month = isDay(`${given}-01`) ? given : thisMonth;
  const [since, until] = [firstDayOfMonth(month), lastDayOfMonth(month)];
  const { data, error, isFirst, isOld, refresh } = useKept(
    useLive<DaysAnswer>('/days', { since, until, store }, isMoving),
  );
  useNamedStores(data?.days);
  const hrefOfMonth = (change: { month?: string; store?: string }) =>
    hrefOf('days', { query: { month, store, ...change } });
  return (
    <>
      <div class="head">
        <h1>Days</h1>
        <StoreSelect value={store} onChange={(store) => navigate(hrefOfMonth({ store }))} />
      </div>
      <div class="row">
        <a class="button" href={hrefOfMonth({ month: addMonths(month, -1) })}>
          <Icon name="left" />
          <span class="visually-hidden">Month before</span>
        </a>
        <h2 class="month-name" aria-live="polite">
          {format.month(month)}
        </h2>
        <a class="button" href={hrefOfMonth({ month: addMonths(month, 1) })}>
          <Icon name="right" />
          <span class="visually-hidden">Month after</span>
        </a>
        {month !== thisMonth && (
          <a class="button quiet" href={hrefOfMonth({ month: thisMonth })}>
            This month
          </a>
        )}
      </div>
      <p class="muted">
        Each day shows the files that arrived on it.{' '}
        <a href={hrefOf('numbers', { query: { since, until, ...(store !== '' && { store }) } })}>
          See the sales by day
        </a>
        , whenever their files arrived.
      </p>
      <Legend />
      <StaleNote error={data === undefined ? undefined : error} />
      {isFirst && <Skeleton rows={7} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && data.days.length === 0 && <NoDays />}
      {data !== undefined && data.days.length > 0 && (
        <div class="stack" aria-busy={isOld}>
          <Urgent days={data.days} />
          <Calendars days={data.days} month={monthOfDay(data.since)} />
          {data.next !== undefined && <p class="muted">There are more stores. Choose one of them.</p>}
        </div>
      )}
    </>
  );
}

function isMoving({ days }: DaysAnswer): boolean {
  return days.some(({ loading }) => loading > 0);
}

function NoDays() {
  return (
    <EmptyState icon="days" title="No stores yet">
      <p>A store is here as soon as it has sent its first file.</p>
      <a class="button primary" href={hrefOf('drop')}>
        Send a file
      </a>
    </EmptyState>
  );
}

function Legend() {
  return (
    <ul class="day-legend" aria-label="Signs">
      {Object.entries(DAY_STATES).map(([state, { icon, label, meaning }]) => (
        <li key={state} class={`day-${state}`} title={meaning}>
          <Icon name={icon} />
          {label}
        </li>
      ))}
    </ul>
  );
}

/** The days that need a person, as a list. */
function Urgent({ days }: { readonly days: readonly StoreDay[] }) {
  const urgent = listUrgent(days);
  const [isWhole, setWhole] = useState(false);
  if (urgent.length === 0) return null;
  return (
    <section class="card stack" aria-label="Needs attention">
      <h2>Needs attention</h2>
      <ul class="urgent">
        {urgent.slice(0, isWhole ? urgent.length : FIRST_URGENT).map((entry) => {
          const state = showState(entry);
          if (state === 'none') return null;
          return (
            <li key={`${entry.store} ${entry.day}`} class={`day-${state}`}>
              <Icon name={DAY_STATES[state].icon} />
              <a href={hrefOf('files', { query: { store: entry.store, day: entry.day } })}>
                {describeDay(entry, format)}
              </a>
            </li>
          );
        })}
      </ul>
      {!isWhole && urgent.length > FIRST_URGENT && (
        <button type="button" class="quiet" onClick={() => setWhole(true)}>
          Show all {format.count(urgent.length)} days
        </button>
      )}
    </section>
  );
}

/** One store has the weeks of a calendar; several are rows of one table. */
function Calendars({ days, month }: { readonly days: readonly StoreDay[]; readonly month: string }) {
  const stores = [...new Set(days.map(({ store }) => store))];
  if (stores.length > 1) {
    const [since, until] = [firstDayOfMonth(month), lastDayOfMonth(month)];
    return <DayMatrix stores={stores} grid={arrangeStores(days, stores, since, until)} month={month} />;
  }
  const [store = ''] = stores;
  return (
    <MonthGrid store={store} month={month} grid={arrangeMonth(days, store, month, format.firstWeekday)} />
  );
}
