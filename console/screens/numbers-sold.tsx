import { useMemo, useState } from 'preact/hooks';
import type { SoldAnswer } from '../../lambdas/core/api-answers.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { addAmounts } from '../money.ts';
import { StripChart } from '../parts/chart-strip.tsx';
import { ChartTable, type TableColumn } from '../parts/chart-table.tsx';
import { Skeleton } from '../parts/states.tsx';
import { hrefOf, navigate } from '../router.ts';
import { useNamedStores } from '../stores.ts';
import { useAllSold } from './numbers-all-sold.ts';
import { groupByStore } from './numbers-query.ts';

type Day = SoldAnswer['days'][number];

const FIRST_STORES = 8;

interface Props {
  readonly answer: SoldAnswer;
  readonly store: string;
  readonly isOld: boolean;
}

/** What each store sold by day, with one scale for all. */
export function Sold({ answer, store, isOld }: Props) {
  const whole = useAllSold(answer, store);
  useNamedStores(whole?.days);
  return (
    <section class="card stack" aria-label="Sold by day and store" aria-busy={isOld}>
      {whole === undefined ? <Skeleton rows={4} /> : <SoldCharts answer={whole} store={store} />}
    </section>
  );
}

function SoldCharts({ answer, store }: Pick<Props, 'answer' | 'store'>) {
  const { days, since, until } = answer;
  const [isWhole, setWhole] = useState(false);
  const stores = useMemo(() => groupByStore(days, since, until), [days, since, until]);
  const amounts = days.map(({ sold }) => Number(sold));
  const hrefOfDay = (day: string, store: string) => hrefOf('numbers', { query: { why: 'SELL', day, store } });
  const columns: readonly TableColumn<Day>[] = [
    {
      heading: 'Day',
      title: 'transaction_date',
      value: ({ day }) => day,
      cell: ({ day }) => format.day(day),
    },
    { heading: 'Store', title: 'store', value: ({ store }) => store },
    {
      heading: 'Transactions',
      title: 'transactions',
      value: ({ transactions }) => transactions,
      cell: ({ transactions }) => format.count(transactions),
      isNumeric: true,
    },
    {
      heading: 'Sold',
      title: 'sold',
      value: ({ sold }) => sold,
      cell: ({ day, store, sold }) => <a href={hrefOfDay(day, store)}>{format.amount(sold)}</a>,
      isNumeric: true,
    },
    {
      heading: 'Bought',
      title: 'bought',
      value: ({ bought }) => bought,
      cell: ({ bought }) => format.amount(bought),
      isNumeric: true,
    },
  ];
  return (
    <>
      <div class="row">
        <h2 class="grow">Sold by day and store</h2>
        <p class="figure number">{format.amount(addAmounts(days.map(({ sold }) => sold)))}</p>
      </div>
      <div class="strips">
        {stores.slice(0, isWhole ? stores.length : FIRST_STORES).map(({ store, total, points }) => (
          <StripChart
            key={store}
            name={store}
            label={`Sold in the store ${store}`}
            total={format.amount(total)}
            points={points}
            min={Math.min(0, ...amounts)}
            max={Math.max(...amounts)}
            onOpen={(day) => navigate(hrefOfDay(day, store))}
          />
        ))}
        <p class="strip-axis muted small" aria-hidden="true">
          <span>{format.shortDay(since)}</span>
          <span>Highest day: {format.compact(Math.max(...amounts))}</span>
          <span>{format.shortDay(until)}</span>
        </p>
      </div>
      {!isWhole && stores.length > FIRST_STORES && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {format.count(stores.length)} stores
        </button>
      )}
      <ChartTable
        caption="Sold by day and store"
        columns={columns}
        rows={days}
        keyOf={({ day, store }) => `${day} ${store}`}
        fileName={buildFileName(['sold', store, since, until], 'csv')}
      />
    </>
  );
}
