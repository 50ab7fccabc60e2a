import type { RejectNumbersAnswer } from '../../lambdas/core/api-answers.ts';
import { addDays } from '../calendar.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { BarList } from '../parts/chart-bars.tsx';
import { ChartTable, type TableColumn } from '../parts/chart-table.tsx';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { nameRejectCode } from '../reject-names.ts';
import { hrefOf, navigate } from '../router.ts';
import { type NumbersFilter, RANGES, writeNumbersQuery } from './numbers-query.ts';

type Reason = RejectNumbersAnswer['reasons'][number];

const COLUMNS: readonly TableColumn<Reason>[] = [
  { heading: 'Problem', title: 'code', value: ({ code }) => code, cell: ({ code }) => nameRejectCode(code) },
  {
    heading: 'Rows',
    title: 'rows_rejected',
    value: ({ rows }) => rows,
    cell: ({ rows }) => format.count(rows),
    isNumeric: true,
  },
  {
    heading: 'Still open',
    title: 'rows_open',
    value: ({ open }) => open,
    cell: ({ open }) => format.count(open),
    isNumeric: true,
  },
  {
    heading: 'Files',
    title: 'uploads',
    value: ({ uploads }) => uploads,
    cell: ({ uploads }) => format.count(uploads),
    isNumeric: true,
  },
];

/** Why rows of the latest files were rejected. The days are those of the arrival, not those of the transactions. */
export function RejectedByReason({ filter }: { readonly filter: NumbersFilter }) {
  const { store } = filter;
  const days = Number(filter.arrived) || RANGES[0].days;
  // The day of the arrival is counted in UTC.
  const until = new Date().toISOString().slice(0, 10);
  const since = addDays(until, 1 - days);
  const { data, error, isFirst, refresh } = useLive<RejectNumbersAnswer>('/numbers/rejects', {
    since,
    until,
    store,
  });
  const change = (arrived: string) =>
    navigate(hrefOf('numbers', { query: writeNumbersQuery(filter, { arrived }) }));
  return (
    <section class="card stack" aria-label="Rejected rows by reason">
      <div class="row">
        <h2 class="grow">Rejected rows by reason</h2>
        <label>
          <span class="visually-hidden">Files that arrived in the last</span>
          <select value={String(days)} onChange={(event) => change(event.currentTarget.value)}>
            {RANGES.map((range) => (
              <option key={range.days} value={String(range.days)}>
                last {range.label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {isFirst && <Skeleton rows={4} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && data.reasons.length === 0 && (
        <p class="muted">No row of the files of these days was rejected.</p>
      )}
      {data !== undefined && data.reasons.length > 0 && (
        <>
          <BarList
            label="Rejected rows by reason"
            style="rejected"
            items={data.reasons.map(({ code, rows, open }) => ({
              key: code,
              name: nameRejectCode(code),
              size: rows,
              value: format.count(rows),
              detail: open === 0 ? 'all settled' : `${format.count(open)} open`,
              href: hrefOf('files', { query: { status: open > 0 ? 'open' : '', store, code } }),
            }))}
          />
          <ChartTable
            caption="Rejected rows by reason"
            columns={COLUMNS}
            rows={data.reasons}
            keyOf={({ code }) => code}
            fileName={buildFileName(['rejected-rows', store, since, until], 'csv')}
          />
        </>
      )}
    </section>
  );
}
