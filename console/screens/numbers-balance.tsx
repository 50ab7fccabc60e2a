import { useMemo } from 'preact/hooks';
import type { BalanceAnswer } from '../../lambdas/core/api-answers.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { addAmounts } from '../money.ts';
import { SeriesChart } from '../parts/chart-series.tsx';
import { ChartTable, type TableColumn } from '../parts/chart-table.tsx';
import { useKept } from '../parts/kept.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, navigate } from '../router.ts';

interface Props {
  readonly product: string;
  readonly store: string;
  readonly range: { readonly since: string; readonly until: string };
}

type Day = BalanceAnswer['days'][number];

interface CardProps extends Pick<Props, 'store'> {
  /** Undefined until the best seller is known. */
  readonly product: string | undefined;
  /** False for the best seller, which the page chose. */
  readonly isChosen: boolean;
  /** Undefined until the days are known. */
  readonly range: Props['range'] | undefined;
}

/** What a product brought in by day, and all days together. Its room is the same before it is known. */
export function Balance({ product, isChosen, store, range }: CardProps) {
  return (
    <section class="card stack balance" aria-label="Balance">
      {product === undefined || range === undefined ? (
        <Skeleton rows={7} />
      ) : (
        <>
          <div>
            <h2>
              Balance of <bdi>{product}</bdi>
            </h2>
            <p class="muted small">
              {isChosen
                ? 'Sales minus purchases, with tax.'
                : 'The best seller of these days. Choose another product above.'}
            </p>
          </div>
          <Answer key={product} product={product} store={store} range={range} />
        </>
      )}
    </section>
  );
}

function Answer({ product, store, range }: Props) {
  const { data, error, isFirst, isOld, refresh } = useKept(
    useLive<BalanceAnswer>('/numbers/balance', { product, store, ...range }),
  );
  if (isFirst) return <Skeleton rows={6} />;
  if (data === undefined) return <ErrorState error={error} onRetry={refresh} />;
  if (data.days.length === 0) {
    return (
      <p class="muted">
        The product has no transactions in these days. Choose other days or another product.
      </p>
    );
  }
  return (
    <div class="stack" aria-busy={isOld}>
      <BalanceCharts days={data.days} product={product} store={store} range={range} />
    </div>
  );
}

function BalanceCharts({ days, product, store, range }: Props & { readonly days: readonly Day[] }) {
  const daily = useMemo(() => days.map(({ day, balance }) => ({ day, amount: balance })), [days]);
  const cumulated = useMemo(() => days.map(({ day, cumulated }) => ({ day, amount: cumulated })), [days]);
  const hrefOfDay = (day: string, category = 'all') =>
    hrefOf('numbers', { query: { why: category, product, store, day } });
  const open = (day: string) => navigate(hrefOfDay(day));
  const columns: readonly TableColumn<Day>[] = [
    {
      heading: 'Day',
      title: 'transaction_date',
      value: ({ day }) => day,
      cell: ({ day }) => <a href={hrefOfDay(day)}>{format.day(day)}</a>,
    },
    amountColumn(
      'Sold',
      'sold',
      ({ sold }) => sold,
      (day) => hrefOfDay(day, 'SELL'),
    ),
    amountColumn(
      'Bought',
      'bought',
      ({ bought }) => bought,
      (day) => hrefOfDay(day, 'BUY'),
    ),
    amountColumn('Balance', 'balance', ({ balance }) => balance),
    amountColumn('All days so far', 'cumulated_balance', ({ cumulated }) => cumulated),
  ];
  return (
    <>
      <dl class="figures">
        <div>
          <dt>These days</dt>
          <dd>{format.signedAmount(addAmounts(days.map(({ balance }) => balance)))}</dd>
        </div>
        <div>
          <dt>Total until {format.day(days.at(-1)!.day)}</dt>
          <dd>{format.signedAmount(days.at(-1)!.cumulated)}</dd>
        </div>
      </dl>
      <div class="columns-even">
        <figure>
          <figcaption>By day: sold − bought</figcaption>
          <SeriesChart
            label="Balance by day"
            kind="bars"
            group="balance"
            points={daily}
            {...range}
            onOpen={open}
          />
        </figure>
        <figure>
          <figcaption>All days so far</figcaption>
          <SeriesChart
            label="Cumulated balance"
            kind="line"
            group="balance"
            points={cumulated}
            {...range}
            onOpen={open}
          />
        </figure>
      </div>
      <ChartTable
        caption={`Balance of ${product} by day`}
        columns={columns}
        rows={days}
        keyOf={({ day }) => day}
        fileName={buildFileName(['balance', product, store, range.since, range.until], 'csv')}
      />
    </>
  );
}

function amountColumn(
  heading: string,
  title: string,
  value: (day: Day) => string,
  hrefOfDay?: (day: string) => string,
): TableColumn<Day> {
  return {
    heading,
    title,
    value,
    isNumeric: true,
    cell: (day) => {
      const text = format.amount(value(day));
      return hrefOfDay === undefined ? text : <a href={hrefOfDay(day.day)}>{text}</a>;
    },
  };
}
