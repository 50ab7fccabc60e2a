import { useState } from 'preact/hooks';
import type { TransactionEntry, TransactionsAnswer } from '../../lambdas/core/api-answers.ts';
import { type ApiError, get } from '../api.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { addAmounts, subtractAmount } from '../money.ts';
import { DataTable, DownloadCsv, type TableColumn } from '../parts/chart-table.tsx';
import { Icon } from '../parts/icon.tsx';
import { EmptyState, ErrorState, Skeleton } from '../parts/states.tsx';
import { announce } from '../parts/toast.tsx';
import { useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { nameFile } from '../upload-status.ts';
import type { WhyQuery } from './numbers-query.ts';

const COLUMNS: readonly TableColumn<TransactionEntry>[] = [
  { heading: 'Day', title: 'transaction_date', value: ({ day }) => day, cell: ({ day }) => format.day(day) },
  { heading: 'Store', title: 'store', value: ({ store }) => store },
  { heading: 'Category', title: 'category', value: ({ category }) => category },
  {
    heading: 'Product',
    title: 'description',
    value: ({ product }) => product,
    cell: ({ product }) => <bdi>{product}</bdi>,
  },
  {
    heading: 'Quantity',
    title: 'quantity',
    value: ({ quantity }) => quantity,
    cell: ({ quantity }) => format.quantity(quantity),
    isNumeric: true,
  },
  {
    heading: 'Amount with tax',
    title: 'amount_inc_tax',
    value: ({ amountIncTax }) => amountIncTax,
    cell: ({ amountIncTax }) => format.amount(amountIncTax),
    isNumeric: true,
  },
  {
    heading: 'File and line',
    title: 'file_and_line',
    value: ({ origin }) => (origin === null ? '' : `${nameFile(origin.key)}:${origin.line}`),
    cell: ({ origin }) =>
      origin === null ? (
        'unknown'
      ) : (
        <a href={hrefOf('upload', { id: origin.uploadId, query: { line: String(origin.line) } })}>
          <bdi>{nameFile(origin.key)}</bdi>, line {format.count(origin.line)}
        </a>
      ),
  },
];

/** The transactions that make a number, each with its file and line. */
export function Why({ query }: { readonly query: WhyQuery }) {
  const { product, day, store, category, since, until } = query;
  const asked = { product, day, store, category, ...(day === '' && { since, until }) };
  const { data, error, isFirst, refresh } = useLive<TransactionsAnswer>('/transactions', asked);
  const [more, setMore] = useState<TransactionsAnswer>();
  const [isReading, setReading] = useState(false);
  const rows = [...(data?.transactions ?? []), ...(more?.transactions ?? [])];
  const next = more === undefined ? data?.next : more.next;
  const readMore = async () => {
    setReading(true);
    try {
      const page = await get<TransactionsAnswer>('/transactions', { ...asked, after: next });
      setMore({ ...page, transactions: [...(more?.transactions ?? []), ...page.transactions] });
    } catch (failure) {
      announce((failure as ApiError).message, 'problem');
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      <nav aria-label="Path">
        <a class="button quiet" href={hrefOf('numbers', { query: { product, store, since, until } })}>
          <Icon name="left" /> Numbers
        </a>
      </nav>
      <div class="head">
        <h1>Why this number?</h1>
      </div>
      <p class="muted">{describeWhy(query)}</p>
      {isFirst && <Skeleton rows={8} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && rows.length === 0 && (
        <EmptyState icon="search" title="No transactions">
          <a class="button" href={hrefOf('numbers')}>
            Show the numbers
          </a>
        </EmptyState>
      )}
      {rows.length > 0 && (
        <>
          <Sum rows={rows} isWhole={next === undefined} category={category} />
          <DataTable
            caption="Transactions that make the number"
            columns={COLUMNS}
            rows={rows}
            keyOf={({ id }) => id}
            maxRows={Number.POSITIVE_INFINITY}
          />
          <div class="row">
            {next !== undefined && (
              <button type="button" onClick={readMore} disabled={isReading}>
                Show more transactions
              </button>
            )}
            <DownloadCsv
              caption="Transactions that make the number"
              columns={COLUMNS}
              rows={rows}
              fileName={buildFileName(['transactions', product, store, day || since], 'csv')}
            />
          </div>
        </>
      )}
    </>
  );
}

interface SumProps {
  readonly rows: readonly TransactionEntry[];
  readonly isWhole: boolean;
  readonly category: string;
}

/** The exact sum of the rows that are shown. */
function Sum({ rows, isWhole, category }: SumProps) {
  const add = (wanted: string) =>
    addAmounts(rows.filter((row) => row.category === wanted).map(({ amountIncTax }) => amountIncTax));
  const [sold, bought] = [add('SELL'), add('BUY')];
  const number = category === 'SELL' ? sold : category === 'BUY' ? bought : subtractAmount(sold, bought);
  return (
    <section class="card">
      <dl class="figures" aria-live="polite">
        <div>
          <dt>{isWhole ? 'The number' : `The first ${format.count(rows.length)} transactions`}</dt>
          <dd>{format.amount(number)}</dd>
        </div>
        {category === '' && (
          <>
            <div>
              <dt>Sold</dt>
              <dd>{format.amount(sold)}</dd>
            </div>
            <div>
              <dt>Bought</dt>
              <dd>−{format.amount(bought)}</dd>
            </div>
          </>
        )}
        <div>
          <dt>Transactions</dt>
          <dd>
            {format.count(rows.length)}
            {isWhole ? '' : ' and more'}
          </dd>
        </div>
      </dl>
    </section>
  );
}

function describeWhy({ product, day, store, category, since, until }: WhyQuery): string {
  const kind = category === 'SELL' ? 'Sales' : category === 'BUY' ? 'Purchases' : 'Sales and purchases';
  return [
    kind,
    ...(product === '' ? [] : [`of ${product}`]),
    ...(store === '' ? [] : [`in the store ${store}`]),
    ...(day === '' ? [] : [`on ${format.longDay(day)}`]),
    ...(day === '' && since !== '' && until !== ''
      ? [`from ${format.day(since)} to ${format.day(until)}`]
      : []),
  ].join(' ');
}
