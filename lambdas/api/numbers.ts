import type {
  BalanceAnswer,
  RejectNumbersAnswer,
  SoldAnswer,
  TopProductsAnswer,
} from '../core/api-answers.ts';
import type { HttpEvent, Stores } from './callers.ts';
import { isOfStores, joinStores, type Ledger } from './ledger.ts';
import { addDays, Parameters } from './parameters.ts';
import { PRODUCT } from './transactions.ts';

/** Days of an answer without `since`, and the maximum. */
const DAYS = { days: 31, max: 366 };
/** Days of a product in one answer: ten years. */
const MAX_BALANCE_DAYS = 3_660;
const MAX_PRODUCTS = 100;
const DEFAULT_PRODUCTS = 10;
const PAGE_ROWS = 3_000;
/** Position in the numbers by day and store. */
const POSITION = /^([12]\d{3}-\d\d-\d\d)_([A-Za-z0-9._-]{1,63})$/;

const sumOf = (amount: string, condition = 'true') =>
  `coalesce(sum(${amount}) FILTER (WHERE ${condition}), 0)`;
const SOLD = `CAST(${sumOf('t.amount_inc_tax', "t.category = 'SELL'")} AS numeric(20, 2))`;
const BOUGHT = `CAST(${sumOf('t.amount_inc_tax', "t.category = 'BUY'")} AS numeric(20, 2))`;
const IN_RANGE = `t.transaction_date BETWEEN CAST(:since AS date) AND CAST(:until AS date) AND ${isOfStores('t.store_id')}`;

/** `GET /numbers/balance`: days with transactions of a product, the oldest first. */
export async function getBalance(event: HttpEvent, ledger: Ledger): Promise<BalanceAnswer> {
  const parameters = new Parameters(event, 'getBalance');
  const [product, stores] = [parameters.needed('product'), joinStores(parameters.stores())];
  const since = parameters.day('since') ?? '-infinity';
  const until = parameters.day('until') ?? 'infinity';
  const days = await ledger.read<BalanceAnswer['days'][number]>(
    `SELECT CAST(json_build_object('day', c.day, 'sold', CAST(c.sold AS text), 'bought', CAST(c.bought AS text),
       'balance', CAST(c.sold - c.bought AS text), 'cumulated', CAST(c.cumulated AS text)) AS text)
     FROM (
       SELECT d.*, sum(d.sold - d.bought) OVER (ORDER BY d.day) AS cumulated
       FROM (
         SELECT t.transaction_date AS day, ${SOLD} AS sold, ${BOUGHT} AS bought FROM public.transactions AS t
         WHERE ${PRODUCT} = left(:product, 200) AND t.transaction_date <= CAST(:until AS date)
           AND ${isOfStores('t.store_id')}
         GROUP BY t.transaction_date
       ) AS d
     ) AS c
     WHERE c.day >= CAST(:since AS date) ORDER BY c.day DESC LIMIT ${MAX_BALANCE_DAYS}`,
    { product, stores, since, until },
  );
  return { days: days.reverse() };
}

/** `GET /numbers/top-products`: by the amount sold, the highest first. */
export async function getTopProducts(event: HttpEvent, ledger: Ledger): Promise<TopProductsAnswer> {
  const parameters = new Parameters(event, 'getTopProducts');
  const limit = parameters.integer('limit', { min: 1, max: MAX_PRODUCTS }) ?? DEFAULT_PRODUCTS;
  const stores = parameters.stores();
  const range = await parameters.range(() => findLastDay(ledger, stores), DAYS);
  const products = await ledger.read<TopProductsAnswer['products'][number]>(
    `SELECT CAST(json_build_object('product', p.product, 'transactions', p.transactions,
       'quantitySold', CAST(trim_scale(p.quantity) AS text), 'sold', CAST(p.sold AS text),
       'bought', CAST(p.bought AS text), 'balance', CAST(p.sold - p.bought AS text)) AS text)
     FROM (
       SELECT ${PRODUCT} AS product, count(*) AS transactions,
         ${sumOf('t.quantity', "t.category = 'SELL'")} AS quantity, ${SOLD} AS sold, ${BOUGHT} AS bought
       FROM public.transactions AS t WHERE ${IN_RANGE}
       GROUP BY ${PRODUCT}
     ) AS p
     ORDER BY p.sold DESC, p.product LIMIT ${limit}`,
    { ...range, stores: joinStores(stores) },
  );
  return { ...range, products };
}

/** `GET /numbers/sold`: by day and store. */
export async function getSold(event: HttpEvent, ledger: Ledger): Promise<SoldAnswer> {
  const parameters = new Parameters(event, 'getSold');
  const stores = parameters.stores();
  const range = await parameters.range(() => findLastDay(ledger, stores), DAYS);
  const [day = range.since, store = ''] = parameters.position('after', POSITION) ?? [];
  const days = await ledger.read<SoldAnswer['days'][number]>(
    `SELECT CAST(json_build_object('day', d.day, 'store', d.store_id, 'transactions', d.transactions,
       'sold', CAST(d.sold AS text), 'bought', CAST(d.bought AS text)) AS text)
     FROM (
       SELECT t.transaction_date AS day, t.store_id, count(*) AS transactions, ${SOLD} AS sold, ${BOUGHT} AS bought
       FROM public.transactions AS t
       WHERE ${IN_RANGE} AND (t.transaction_date, t.store_id) > (CAST(:day AS date), :store)
       GROUP BY t.transaction_date, t.store_id
       ORDER BY t.transaction_date, t.store_id LIMIT ${PAGE_ROWS}
     ) AS d
     ORDER BY d.day, d.store_id`,
    { ...range, day, store, stores: joinStores(stores) },
  );
  const last = days.at(-1);
  return { ...range, days, ...(last && days.length === PAGE_ROWS && { next: `${last.day}_${last.store}` }) };
}

/** `GET /numbers/rejects`: rows of the files that arrived in these days, by reason. */
export async function getRejectNumbers(event: HttpEvent, ledger: Ledger): Promise<RejectNumbersAnswer> {
  const parameters = new Parameters(event, 'getRejectNumbers');
  const stores = joinStores(parameters.stores());
  const range = await parameters.range(async () => new Date().toISOString().slice(0, 10), DAYS);
  const reasons = await ledger.read<RejectNumbersAnswer['reasons'][number]>(
    `SELECT CAST(json_build_object('code', c.code, 'rows', c.rows, 'open', c.open, 'uploads', c.uploads) AS text)
     FROM (
       SELECT r.code, sum(r.rejected) AS rows, sum(r.open) AS open, count(DISTINCT h.upload_id) AS uploads
       FROM ledger.upload_history AS h CROSS JOIN LATERAL ledger.count_rejects(h.upload_id) AS r
       WHERE h.received_at >= CAST(CAST(:since AS date) AS timestamp) AT TIME ZONE 'UTC'
         AND h.received_at < CAST(CAST(:until AS date) + 1 AS timestamp) AT TIME ZONE 'UTC'
         AND h.status <> 'superseded' AND h.rows_rejected > 0 AND ${isOfStores('h.store_id')}
       GROUP BY r.code
     ) AS c
     ORDER BY c.rows DESC, c.code`,
    { ...range, stores },
  );
  return { ...range, reasons };
}

/**
 * Finds the last day with transactions of the stores; today if there are none. One row with a mistyped year must not hide
 * all others, so that days to come do not count. East of Greenwich, tomorrow may have begun.
 */
async function findLastDay(ledger: Ledger, stores: Stores): Promise<string> {
  const today = new Date().toISOString().slice(0, 10);
  const [day] = await ledger.read<string | null>(
    `SELECT CAST(to_json(max(t.transaction_date)) AS text) FROM public.transactions AS t
     WHERE t.transaction_date <= CAST(:latest AS date) AND ${isOfStores('t.store_id')}`,
    { stores: joinStores(stores), latest: addDays(today, 1) },
  );
  return day ?? today;
}
