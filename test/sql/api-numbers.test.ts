import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  BalanceAnswer,
  ProductsAnswer,
  SoldAnswer,
  TopProductsAnswer,
  TransactionsAnswer,
} from '../../lambdas/core/api-answers.ts';
import { ApiOnDatabase } from '../support/api-ledger.ts';
import { TestDatabase } from '../support/test-database.ts';

const STORES = ['bergen', 'oslo', 'rome'];
const PRODUCTS = ['Soap', 'Tea', 'tea', 'Ünsal "Käse", 1 kg', `${'x'.repeat(200)}1`, `${'x'.repeat(200)}2`];
const DAYS = ['2024-02-28', '2024-02-29', '2024-03-01', '2024-12-31', '2025-01-01'];
const RUNS = { numRuns: 60 };

let database: TestDatabase;
let api: ApiOnDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
  const owner = await database.connectAs('retail_migrator');
  // Amounts that a floating-point number cannot add up, and a return in every fourth row.
  await owner.query(
    `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id)
     SELECT gen_random_uuid(), ($1::date[])[1 + floor(random() * $4)], (ARRAY['SELL', 'BUY'])[1 + floor(random() * 2)],
            ($2::text[])[1 + floor(random() * $5)], sign * (1 + floor(random() * 9000)) / 1000, sign * cents / 100,
            sign * cents / 100, ($3::text[])[1 + floor(random() * $6)]
     FROM (SELECT CASE WHEN random() < 0.25 THEN -1 ELSE 1 END AS sign, floor(random() * 999999999)::numeric AS cents
           FROM generate_series(1, 700)) AS r`,
    [DAYS, PRODUCTS, STORES, DAYS.length, PRODUCTS.length, STORES.length],
  );
  await owner.query(`DELETE FROM transactions WHERE name = 'Tea' AND store_id <> 'bergen'`);
  api = await ApiOnDatabase.connect(database);
});
afterAll(() => database?.drop());

interface Filter {
  readonly stores: readonly string[];
  readonly since: string;
  readonly until: string;
}
const filter = fc
  .record({
    stores: fc.subarray(STORES, { minLength: 1 }),
    days: fc.tuple(fc.constantFrom(...DAYS), fc.constantFrom(...DAYS)),
  })
  .map(({ stores, days }): Filter => {
    const [since = '', until = ''] = [...days].sort();
    return { stores, since, until };
  });
const product = fc.constantFrom(...PRODUCTS, 'no such');

/** Asks the API as a caller of some stores, and PostgreSQL for the same numbers. */
async function compare<Answer>(
  route: Parameters<ApiOnDatabase['ask']>[0],
  { stores, ...range }: Filter,
  query: object,
  sql: string,
  more: unknown[] = [],
): Promise<{ answer: Answer; expected: unknown[] }> {
  const answer = await api.ask<Answer>(route, { stores: stores.join(' '), query: { ...range, ...query } });
  const expected = await database.rows(sql, [stores, range.since, range.until, ...more]);
  return { answer, expected };
}

const SUMS = `coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'SELL'), 0.00)::text AS sold,
              coalesce(sum(amount_inc_tax) FILTER (WHERE category = 'BUY'), 0.00)::text AS bought`;
const BALANCE = `sum(CASE category WHEN 'SELL' THEN amount_inc_tax ELSE -amount_inc_tax END)`;
const WHERE = 'store_id = ANY ($1) AND transaction_date BETWEEN $2 AND $3';

test('balances are those of plain SQL, with the days before the range', async () => {
  const sql = `SELECT * FROM (
      SELECT transaction_date::text AS day, ${SUMS}, ${BALANCE}::text AS balance,
             (sum(${BALANCE}) OVER (ORDER BY transaction_date))::text AS cumulated
      FROM transactions WHERE store_id = ANY ($1) AND left(name, 200) = left($4, 200) GROUP BY transaction_date
    ) AS d WHERE day BETWEEN $2 AND $3 ORDER BY day`;
  await fc.assert(
    fc.asyncProperty(filter, product, async (of, name) => {
      const { answer, expected } = await compare<BalanceAnswer>('getBalance', of, { product: name }, sql, [
        name,
      ]);
      expect(answer.days).toEqual(expected);
    }),
    RUNS,
  );
});

test('top products are those of plain SQL', async () => {
  const sql = `SELECT left(name, 200) AS product, count(*)::integer AS transactions,
                      trim_scale(coalesce(sum(quantity) FILTER (WHERE category = 'SELL'), 0))::text AS "quantitySold",
                      ${SUMS}, ${BALANCE}::text AS balance
               FROM transactions WHERE ${WHERE} GROUP BY left(name, 200)
               ORDER BY sum(amount_inc_tax) FILTER (WHERE category = 'SELL') DESC NULLS LAST, 1 LIMIT $4`;
  await fc.assert(
    fc.asyncProperty(filter, fc.integer({ min: 1, max: 7 }), async (of, limit) => {
      const query = { limit: String(limit) };
      const { answer, expected } = await compare<TopProductsAnswer>('getTopProducts', of, query, sql, [
        limit,
      ]);
      const bySold = (rows: readonly unknown[]) =>
        (rows as TopProductsAnswer['products']).filter(({ sold }) => Number(sold) > 0);
      expect(bySold(answer.products)).toEqual(bySold(expected));
      expect(answer.products).toHaveLength(expected.length);
    }),
    RUNS,
  );
});

test('what was sold is that of plain SQL', async () => {
  const sql = `SELECT transaction_date::text AS day, store_id AS store, count(*)::integer AS transactions, ${SUMS}
               FROM transactions WHERE ${WHERE} GROUP BY 1, 2 ORDER BY 1, 2`;
  await fc.assert(
    fc.asyncProperty(filter, async (of) => {
      const { answer, expected } = await compare<SoldAnswer>('getSold', of, {}, sql);
      expect(answer.days).toEqual(expected);
    }),
    RUNS,
  );
});

test('products are the names of the stores’ transactions', async () => {
  const sql = `SELECT DISTINCT left(name, 200) AS name FROM transactions
               WHERE store_id = ANY ($1) AND lower(name) LIKE '%' || $2 || '%'`;
  await fc.assert(
    fc.asyncProperty(filter, fc.constantFrom('t', 'te', 'x', 'ü', '"'), async ({ stores }, search) => {
      const ask = { stores: stores.join(' '), query: { search } };
      const { products } = await api.ask<ProductsAnswer>('findProducts', ask);
      const expected = await database.rows<{ name: string }>(sql, [stores, search]);
      expect([...products].sort()).toEqual(expected.map(({ name }) => name).sort());
    }),
    RUNS,
  );
});

test('the pages of transactions have each row once, by day and id', async () => {
  await fc.assert(
    fc.asyncProperty(filter, product, async ({ stores, since, until }, name) => {
      const query = { product: name, since, until };
      const ids: string[] = [];
      for (let after: string | undefined, more = true; more; more = after !== undefined) {
        const page = await api.ask<TransactionsAnswer>('listTransactions', {
          stores: stores.join(' '),
          query: { ...query, ...(after !== undefined && { after }) },
        });
        ids.push(...page.transactions.map(({ id }) => id));
        after = page.next;
      }
      const expected = await database.rows<{ id: string }>(
        `SELECT id FROM transactions WHERE ${WHERE} AND left(name, 200) = left($4, 200) ORDER BY transaction_date, id`,
        [stores, since, until, name],
      );
      expect(ids).toEqual(expected.map(({ id }) => id));
    }),
    RUNS,
  );
});

test('without a choice the numbers end on the last day with transactions, and days to come do not count', async () => {
  const owner = await database.connectAs('retail_migrator');
  await owner.query(
    `INSERT INTO transactions (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id)
     VALUES (gen_random_uuid(), '2952-01-01', 'SELL', 'Tea', 1, 1, 1, 'lima'),
            (gen_random_uuid(), '2025-02-01', 'SELL', 'Tea', 1, 1, 1, 'lima')`,
  );
  for (const route of ['getSold', 'getTopProducts'] as const)
    expect(await api.ask(route, { stores: 'lima' })).toMatchObject({
      since: '2025-01-02',
      until: '2025-02-01',
    });
});
