import type { TopProductsAnswer } from '../../lambdas/core/api-answers.ts';
import { buildFileName } from '../csv-text.ts';
import { format } from '../format.ts';
import { BarList } from '../parts/chart-bars.tsx';
import { ChartTable, type TableColumn } from '../parts/chart-table.tsx';
import type { Kept } from '../parts/kept.ts';
import { ErrorState, Skeleton } from '../parts/states.tsx';
import { type Live, useLive } from '../poll.ts';
import { hrefOf } from '../router.ts';
import { type NumbersFilter, writeNumbersQuery } from './numbers-query.ts';

type Product = TopProductsAnswer['products'][number];

interface Range {
  readonly since: string;
  readonly until: string;
}

const COUNT = 10;

export function useTopProducts(query: Range & { readonly store: string }): Live<TopProductsAnswer> {
  return useLive<TopProductsAnswer>('/numbers/top-products', { ...query, limit: COUNT });
}

interface Props {
  readonly live: Kept<TopProductsAnswer>;
  readonly range: Range;
  readonly store: string;
  readonly filter: NumbersFilter;
}

/** The products that sold most. Each opens its balance. */
export function TopProducts({ live: { data, error, isFirst, isOld, refresh }, range, store, filter }: Props) {
  const hrefOfProduct = (product: string) =>
    hrefOf('numbers', { query: writeNumbersQuery(filter, { product, ...range }) });
  const whyProduct = (product: string, why: string) =>
    hrefOf('numbers', { query: { why, product, store, ...range } });
  const columns: readonly TableColumn<Product>[] = [
    {
      heading: 'Product',
      title: 'product',
      value: ({ product }) => product,
      cell: ({ product }) => (
        <a href={hrefOfProduct(product)}>
          <bdi>{product}</bdi>
        </a>
      ),
    },
    {
      heading: 'Quantity sold',
      title: 'quantity_sold',
      value: ({ quantitySold }) => quantitySold,
      cell: ({ quantitySold }) => format.quantity(quantitySold),
      isNumeric: true,
    },
    {
      heading: 'Sold',
      title: 'sold',
      value: ({ sold }) => sold,
      cell: ({ product, sold }) => <a href={whyProduct(product, 'SELL')}>{format.amount(sold)}</a>,
      isNumeric: true,
    },
    {
      heading: 'Bought',
      title: 'bought',
      value: ({ bought }) => bought,
      cell: ({ product, bought }) => <a href={whyProduct(product, 'BUY')}>{format.amount(bought)}</a>,
      isNumeric: true,
    },
    {
      heading: 'Balance',
      title: 'balance',
      value: ({ balance }) => balance,
      cell: ({ product, balance }) => <a href={whyProduct(product, 'all')}>{format.amount(balance)}</a>,
      isNumeric: true,
    },
  ];
  return (
    <section class="card stack" aria-label="Top products" aria-busy={isOld}>
      <h2>Top products</h2>
      {isFirst && <Skeleton rows={COUNT} />}
      {data === undefined && error !== undefined && <ErrorState error={error} onRetry={refresh} />}
      {data !== undefined && (
        <>
          <BarList
            label="Products by the amount sold"
            items={data.products.map(({ product, sold, quantitySold }) => ({
              key: product,
              name: product,
              size: Number(sold),
              value: format.amount(sold),
              detail: `${format.quantity(quantitySold)} sold`,
              href: hrefOfProduct(product),
            }))}
          />
          <ChartTable
            caption="Top products"
            columns={columns}
            rows={data.products}
            keyOf={({ product }) => product}
            fileName={buildFileName(['top-products', store, range.since, range.until], 'csv')}
          />
        </>
      )}
    </section>
  );
}
