import type { ProductsAnswer, TransactionEntry, TransactionsAnswer } from '../core/api-answers.ts';
import type { HttpEvent } from './callers.ts';
import { isOfStores, joinStores, type Ledger, PAGE_ROWS, pageOf, UUID } from './ledger.ts';
import { Parameters } from './parameters.ts';
import { ProblemError } from './problem.ts';

/** Position in the list: day and id. */
const POSITION = new RegExp(`^(\\d{4}-\\d\\d-\\d\\d)_(${UUID})$`);
const MAX_PRODUCTS = 50;
export const MAX_LINE = 2_147_483_647;
/** The index on the names has their first 200 characters, which the product of a transaction is. */
export const PRODUCT = 'left(t.name, 200)';

/** Members of the JSON of a transaction. @param t alias of the table */
export function valuesOf(t: string): string {
  return `'store', ${t}.store_id, 'day', ${t}.transaction_date, 'category', ${t}.category,
    'product', left(${t}.name, 200), 'quantity', CAST(trim_scale(${t}.quantity) AS text),
    'amountExclTax', CAST(${t}.amount_excl_tax AS text), 'amountIncTax', CAST(${t}.amount_inc_tax AS text)`;
}

/** JSON of the place of a transaction. @param h alias of its upload, which may be missing */
export function originOf(t: string, h: string): string {
  return `CASE WHEN ${h}.upload_id IS NOT NULL
    THEN json_build_object('uploadId', ${h}.upload_id, 'key', ${h}.object_key, 'line', ${t}.line) END`;
}

/** `GET /transactions`: by day and id. Each filter of which one is needed has an index. */
export async function listTransactions(event: HttpEvent, ledger: Ledger): Promise<TransactionsAnswer> {
  const parameters = new Parameters(event, 'listTransactions');
  const stores = parameters.stores();
  const [product, upload] = [parameters.text('product'), parameters.uuid('upload')];
  const [day, since, until] = [parameters.day('day'), parameters.day('since'), parameters.day('until')];
  const category = parameters.category();
  const line = parameters.integer('line', { min: 1, max: MAX_LINE })?.toString();
  const [after, id] = parameters.position('after', POSITION) ?? [];
  if (product === undefined && upload === undefined && day === undefined) {
    throw new ProblemError(
      'parameter-invalid',
      'Send at least one of the parameters product, day and upload.',
    );
  }
  const conditions = [
    product && `${PRODUCT} = left(:product, 200)`,
    upload && 't.upload_id = CAST(:upload AS uuid)',
    line && 't.line = CAST(:line AS integer)',
    day && 't.transaction_date = CAST(:day AS date)',
    since && 't.transaction_date >= CAST(:since AS date)',
    until && 't.transaction_date <= CAST(:until AS date)',
    category && 't.category = :category',
    after && '(t.transaction_date, t.id) > (CAST(:after AS date), CAST(:id AS uuid))',
    isOfStores('t.store_id'),
  ].filter((condition) => condition !== undefined);
  // Rows of one day or upload are read and sorted. Otherwise the planner may read all rows in this order until it has a page.
  const fence = day || upload ? 'OFFSET 0' : '';
  const given = { product, upload, line, day, since, until, category, after, id };
  const transactions = await ledger.read<TransactionEntry>(
    `SELECT CAST(json_build_object('id', t.id, ${valuesOf('t')}, 'origin', ${originOf('t', 'h')}) AS text)
     FROM (
       SELECT * FROM (SELECT * FROM public.transactions AS t WHERE ${conditions.join(' AND ')} ${fence}) AS t
       ORDER BY t.transaction_date, t.id LIMIT ${PAGE_ROWS}
     ) AS t
     LEFT JOIN ledger.upload_history AS h ON h.upload_id = t.upload_id
     ORDER BY t.transaction_date, t.id`,
    { ...withoutUndefined(given), stores: joinStores(stores) },
  );
  return { transactions, ...pageOf(transactions, (last) => `${last.day}_${last.id}`) };
}

/** `GET /products`: names by the alphabet. */
export async function findProducts(event: HttpEvent, ledger: Ledger): Promise<ProductsAnswer> {
  const parameters = new Parameters(event, 'findProducts');
  const stores = parameters.stores();
  const search = parameters.text('search');
  // Goes from name to name through the index, since there are many transactions of each.
  const products = await ledger.read<string>(
    `WITH RECURSIVE names AS (
       (SELECT ${PRODUCT} AS product FROM public.transactions AS t ORDER BY ${PRODUCT} LIMIT 1)
       UNION ALL
       SELECT (SELECT ${PRODUCT} FROM public.transactions AS t WHERE ${PRODUCT} > n.product ORDER BY ${PRODUCT} LIMIT 1)
       FROM names AS n WHERE n.product IS NOT NULL
     )
     SELECT CAST(to_json(f.product) AS text) FROM (
       SELECT n.product FROM names AS n WHERE n.product IS NOT NULL
         ${search === undefined ? '' : 'AND strpos(lower(n.product), lower(:search)) > 0'}
         ${stores === undefined ? '' : `AND EXISTS (SELECT FROM public.transactions AS t WHERE ${PRODUCT} = n.product AND ${isOfStores('t.store_id')})`}
       LIMIT ${MAX_PRODUCTS + 1}
     ) AS f ORDER BY f.product`,
    withoutUndefined({ search, stores: stores && joinStores(stores) }),
  );
  return { products: products.slice(0, MAX_PRODUCTS), hasMore: products.length > MAX_PRODUCTS };
}

function withoutUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
