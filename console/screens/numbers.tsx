import type { SoldAnswer, TransactionsAnswer } from '../../lambdas/core/api-answers.ts';
import { useKept } from '../parts/kept.ts';
import { EmptyState, ErrorState, StaleNote } from '../parts/states.tsx';
import { useLive } from '../poll.ts';
import { hrefOf, navigate, type Route } from '../router.ts';
import { Balance } from './numbers-balance.tsx';
import { NumbersFilters } from './numbers-filters.tsx';
import { type NumbersFilter, readNumbersFilter, readWhy, writeNumbersQuery } from './numbers-query.ts';
import { RejectedByReason } from './numbers-rejects.tsx';
import { Sold } from './numbers-sold.tsx';
import { TopProducts, useTopProducts } from './numbers-top.tsx';
import { Why } from './numbers-why.tsx';

/** Charts of the transactions. Each number leads to the rows that make it. */
export function Numbers({ route }: { readonly route: Route }) {
  const why = readWhy(route.query);
  if (why !== undefined) return <Why query={why} />;
  return <Charts filter={readNumbersFilter(route.query)} />;
}

/** Finds the product that most rows of a file have. @returns undefined while it is not known, empty without rows */
function useProductOf(upload: string): string | undefined {
  const { data, error } = useLive<TransactionsAnswer>(upload === '' ? undefined : '/transactions', {
    upload,
  });
  if (data === undefined) return upload === '' || error !== undefined ? '' : undefined;
  const byProduct = Map.groupBy(data.transactions, ({ product }) => product);
  const [most] = [...byProduct].sort(([, one], [, other]) => other.length - one.length);
  return most?.[0] ?? '';
}

function Charts({ filter: given }: { readonly filter: NumbersFilter }) {
  const { since, until, store } = given;
  const ofFile = useProductOf(given.product === '' ? given.upload : '');
  const filter = { ...given, product: given.product || (ofFile ?? '') };
  const sold = useKept(useLive<SoldAnswer>('/numbers/sold', { since, until, store }));
  const live = useTopProducts({ since, until, store });
  const top = useKept(live);
  // Without a choice, the range is that of the answer: it ends on the last day with transactions.
  const range = sold.data && { since: since || sold.data.since, until: until || sold.data.until };
  const product = filter.product || (ofFile === undefined ? undefined : live.data?.products[0]?.product);
  const hasRows = sold.data !== undefined && sold.data.days.length > 0;
  // An old answer says nothing about the new question.
  const isNew = sold.data !== undefined && !sold.isOld && !top.isOld;
  const isEmpty = isNew && !hasRows && top.data?.products.length === 0;
  return (
    <>
      <div class="head">
        <h1>Numbers</h1>
      </div>
      <NumbersFilters
        filter={filter}
        range={range}
        onChange={(change) => navigate(hrefOf('numbers', { query: writeNumbersQuery(filter, change) }))}
      />
      <StaleNote error={sold.data === undefined ? undefined : sold.error} />
      {sold.data === undefined && sold.error !== undefined && (
        <ErrorState error={sold.error} onRetry={sold.refresh} />
      )}
      {isEmpty && <NoNumbers isFiltered={since !== '' || until !== '' || store !== ''} />}
      {!isEmpty && (sold.data !== undefined || sold.error === undefined) && (
        <Balance product={product} isChosen={filter.product !== ''} store={store} range={range} />
      )}
      {hasRows && range !== undefined && (
        <>
          <Sold answer={sold.data!} store={store} isOld={sold.isOld} />
          <div class="columns-even">
            <TopProducts live={top} range={range} store={store} filter={filter} />
            <RejectedByReason filter={filter} />
          </div>
        </>
      )}
    </>
  );
}

function NoNumbers({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon="search" title="No transactions in these days">
        <a class="button" href={hrefOf('numbers')}>
          Show the latest days
        </a>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="numbers" title="No numbers yet">
      <p>They appear as soon as the rows of your first file are loaded.</p>
      <a class="button primary" href={hrefOf('drop')}>
        Send a file
      </a>
    </EmptyState>
  );
}
