import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPORTING_VIEWS } from '../../lib/analytics/quicksight/reporting-views.ts';
import { loadFile, uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax,transaction_date';

/** Loaded in this order. Soap is sold and bought in two stores; one row breaks each of two rules. */
const FILES: Record<string, readonly string[]> = {
  'incoming/store=oslo/retail_01_03_2025.csv': [
    `${uuid(1)},SELL,Soap,3,10.00,12.00,2025-03-01`,
    `${uuid(2)},SELL,Soap,1,0.05,0.06,2025-03-01`,
    `${uuid(3)},BUY,Soap,5,4.00,4.80,2025-03-01`,
    `${uuid(4)},BUY,Tea,2,100.10,120.12,2025-03-01`,
    `${uuid(5)},SELL,Soap,1,2.00,2.40,2025-03-03`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
  ],
  'incoming/store=bergen/retail_02_03_2025.csv': [
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
    `${uuid(7)},BUY,Soap,1,1.00,1.20,2025-03-03`,
    `${uuid(1)},SELL,Soap,3,10.00,12.00,2025-03-01`,
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    'no-uuid,SELL,Soap,1,2.00,2.40,2025-03-03',
    `${uuid(8)},SELL,Soap,0,2.00,2.40,2025-03-03`,
    `${uuid(6)},BUY,Soap,1,1.00,1.20,2025-03-02`,
  ],
};

let database: TestDatabase;
let quicksight: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  const loader = await database.connectAs('retail_loader');
  for (const [key, rows] of Object.entries(FILES)) {
    await loadFile(loader, key, [HEADER, ...rows, ''].join('\n'));
  }
  quicksight = await database.connectAs('retail_quicksight');
});
afterAll(() => database?.drop());

async function ask(sql: string): Promise<unknown[][]> {
  return (await quicksight.query({ text: sql, rowMode: 'array' })).rows;
}

describe('the views, as QuickSight reads them', () => {
  test('transactions: a BUY counts against the balance', async () => {
    const sql = `SELECT product, category, quantity, amount_excl_tax, amount_inc_tax, balance, store_id,
                        transaction_date::text, id, line
                 FROM reporting.transactions WHERE id IN ('${uuid(1)}', '${uuid(4)}') ORDER BY id`;
    expect(await ask(sql)).toEqual([
      ['Soap', 'SELL', '3', '10.00', '12.00', '12.00', 'oslo', '2025-03-01', uuid(1), 2],
      ['Tea', 'BUY', '2', '100.10', '120.12', '-120.12', 'oslo', '2025-03-01', uuid(4), 5],
    ]);
  });

  test('daily_balance: sold, bought and SELL - BUY of each day, product and store, to the cent', async () => {
    const sql = `SELECT transaction_date::text, store_id, product, transactions, quantity_sold, quantity_bought,
                        sold, bought, balance
                 FROM reporting.daily_balance ORDER BY 1, 2, 3`;
    expect(await ask(sql)).toEqual([
      ['2025-03-01', 'oslo', 'Soap', '3', '4', '5', '12.06', '4.80', '7.26'],
      ['2025-03-01', 'oslo', 'Tea', '1', '0', '2', '0.00', '120.12', '-120.12'],
      ['2025-03-02', 'bergen', 'Soap', '1', '0', '1', '0.00', '1.20', '-1.20'],
      ['2025-03-03', 'bergen', 'Soap', '1', '0', '1', '0.00', '1.20', '-1.20'],
      ['2025-03-03', 'oslo', 'Soap', '1', '1', '0', '2.40', '0.00', '2.40'],
    ]);
  });

  test('cumulated_balance: runs over the days of a product in a store', async () => {
    const sql = `SELECT transaction_date::text, store_id, product, balance, cumulated_balance
                 FROM reporting.cumulated_balance ORDER BY 2, 3, 1`;
    expect(await ask(sql)).toEqual([
      ['2025-03-02', 'bergen', 'Soap', '-1.20', '-1.20'],
      ['2025-03-03', 'bergen', 'Soap', '-1.20', '-2.40'],
      ['2025-03-01', 'oslo', 'Soap', '7.26', '7.26'],
      ['2025-03-03', 'oslo', 'Soap', '2.40', '9.66'],
      ['2025-03-01', 'oslo', 'Tea', '-120.12', '-120.12'],
    ]);
  });

  test('a date filter on cumulated_balance leaves out dates, but not their amounts', async () => {
    const sql = `SELECT cumulated_balance FROM reporting.cumulated_balance
                 WHERE store_id = 'oslo' AND product = 'Soap' AND transaction_date >= '2025-03-02'`;
    expect(await ask(sql)).toEqual([['9.66']]);
  });

  test('upload_history: an upload with its file, day, counts and how long it took', async () => {
    const sql = `SELECT store_id, file_name, object_key, status, rows_read, rows_inserted, rows_duplicate,
                        rows_conflicting, rows_rejected, failure_code, received_on = received_at::date AS same_day,
                        abs(extract(epoch FROM completed_at - received_at) - load_seconds) < 0.001 AS seconds_agree
                 FROM reporting.upload_history ORDER BY store_id`;
    const [bergen, oslo] = Object.keys(FILES).reverse();
    expect(await ask(sql)).toEqual([
      ['bergen', 'retail_02_03_2025.csv', bergen, 'complete', '7', '2', '1', '1', '3', null, true, true],
      ['oslo', 'retail_01_03_2025.csv', oslo, 'complete', '6', '5', '0', '0', '1', null, true, true],
    ]);
  });

  test('data_quality: the share of rejected rows of each upload', async () => {
    const sql = `SELECT store_id, file_name, status, rows_read, rows_inserted, rows_duplicate, rows_conflicting,
                        rows_rejected, rejected_share
                 FROM reporting.data_quality ORDER BY store_id`;
    expect(await ask(sql)).toEqual([
      ['bergen', 'retail_02_03_2025.csv', 'complete', '7', '2', '1', '1', '3', '0.4286'],
      ['oslo', 'retail_01_03_2025.csv', 'complete', '6', '5', '0', '0', '1', '0.1667'],
    ]);
  });

  test('rejects_by_reason: rows and uploads of each day, store, code and column', async () => {
    const sql = `SELECT received_on = (now() AT TIME ZONE 'UTC')::date AS today, store_id, code, column_name,
                        rows_rejected, rows_open, uploads
                 FROM reporting.rejects_by_reason ORDER BY store_id, code`;
    expect(await ask(sql)).toEqual([
      [true, 'bergen', 'id-not-uuid', 'id', '2', '2', '1'],
      [true, 'bergen', 'quantity-invalid', 'quantity', '1', '1', '1'],
      [true, 'oslo', 'id-not-uuid', 'id', '1', '1', '1'],
    ]);
  });
});

test('conflicting_rows: both versions of each row', async () => {
  const sql = `SELECT store_id, file_name, line, product, amount_inc_tax, kept_store_id, kept_product,
                      kept_amount_inc_tax, kept_upload_id <> upload_id
               FROM reporting.conflicting_rows`;
  const [row, ...others] = await ask(sql);
  expect(others).toEqual([]);
  expect(row!.slice(0, 2)).toEqual(['bergen', 'retail_02_03_2025.csv']);
  expect(row!.slice(5)).toEqual(['oslo', expect.any(String), expect.any(String), true]);
});

test('upload_history has the days of the rows and the detected format', async () => {
  const sql = `SELECT store_id, first_day::text, last_day::text, format::json ->> 'delimiter'
               FROM reporting.upload_history ORDER BY store_id`;
  expect((await ask(sql))[0]).toEqual(['bergen', '2025-03-01', '2025-03-03', ',']);
});

describe('rows of an upload that is not complete', () => {
  const COMPLETE = "SELECT count(*)::integer FROM reporting.transactions WHERE upload_status = 'complete'";
  const ALL = 'SELECT count(*)::integer FROM reporting.transactions';

  test.each([
    ['loading', 5],
    ['failed', 5],
    ['superseded', 7],
  ])('%s: the filter on upload_status leaves %i rows', async (status, rows) => {
    const owner = await database.connectAs('retail_migrator');
    await owner.query('BEGIN');
    await owner.query(`UPDATE ledger.uploads SET status = '${status}' WHERE store_id = 'bergen'`);
    const count = async (sql: string) => (await owner.query(sql)).rows[0].count;
    expect([await count(COMPLETE), await count(ALL)]).toEqual([rows, 7]);
    await owner.query('ROLLBACK');
    await owner.end();
  });

  test('a query without upload_status does not read the uploads', async () => {
    const plan = await ask(
      "EXPLAIN SELECT product, sum(balance) FROM reporting.transactions WHERE store_id = 'oslo' GROUP BY product",
    );
    expect(plan.flat().join('\n')).not.toContain('uploads');
    const balances = await ask('EXPLAIN SELECT * FROM reporting.cumulated_balance');
    expect(balances.flat().join('\n')).not.toContain('uploads');
  });
});

test('QuickSight knows the columns and types of each view, in their order', async () => {
  const rows = await ask(`SELECT table_name, json_object_agg(column_name, data_type ORDER BY ordinal_position)
                          FROM information_schema.columns WHERE table_schema = 'reporting' GROUP BY table_name`);
  const views = Object.fromEntries(rows as [string, object][]);
  expect(views).toEqual(REPORTING_VIEWS);
  for (const [view, columns] of Object.entries(REPORTING_VIEWS)) {
    expect(Object.keys(views[view]!), view).toEqual(Object.keys(columns));
  }
});

describe('days and edges of uploads', () => {
  let owner: pg.Client;
  beforeAll(async () => {
    owner = await database.connectAs('retail_migrator');
  });
  afterAll(() => owner?.end());

  /** Returns the rows of a view while the ledger also has uploads that no file made. */
  async function withUploads(columns: string, values: string, view: string): Promise<unknown[][]> {
    await owner.query('BEGIN');
    try {
      await owner.query(`INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, ${columns})
                         VALUES ('${uuid(900)}', '${uuid(900)}', 'b', 'incoming/x.csv', 'v', 'edge', ${values})`);
      await owner.query(
        `INSERT INTO ledger.rejected_rows VALUES ('${uuid(900)}', 2, 'id', 'id-missing', '', '')`,
      );
      return (await owner.query({ text: `${view} WHERE store_id = 'edge'`, rowMode: 'array' })).rows;
    } finally {
      await owner.query('ROLLBACK');
    }
  }

  test('the day of an upload is that of UTC, whatever the time zone of the session', async () => {
    await owner.query("SET TIME ZONE 'Asia/Tokyo'");
    const received = "'2025-03-01T23:30:00Z'";
    for (const view of ['upload_history', 'data_quality', 'rejected_rows', 'rejects_by_reason']) {
      const sql = `SELECT received_on::text FROM reporting.${view}`;
      expect(await withUploads('received_at', received, sql), view).toEqual([['2025-03-01']]);
    }
    const time = 'SELECT received_at::text FROM reporting.upload_history';
    expect(await withUploads('received_at', received, time)).toEqual([['2025-03-01 23:30:00']]);
    await owner.query('RESET TIME ZONE');
  });

  test('a superseded reading is in upload_history but not in data_quality, since another reading has its rows', async () => {
    const [columns, values] = ['received_at, status, rows_rejected', "now(), 'superseded', 1"];
    const count = (view: string) =>
      withUploads(columns, values, `SELECT count(*)::integer FROM reporting.${view}`);
    expect(await count('upload_history')).toEqual([[1]]);
    expect(await count('data_quality')).toEqual([[0]]);
    expect(await count('rejects_by_reason')).toEqual([[0]]);
  });

  test('a loading upload counts the rows so far, and an upload without rows has no share', async () => {
    const sql = 'SELECT status, rows_read, rejected_share FROM reporting.data_quality';
    const loading = await withUploads('received_at, rows_inserted, rows_rejected', 'now(), 3, 1', sql);
    expect(loading).toEqual([['loading', '4', '0.2500']]);
    const failed = await withUploads(
      'received_at, status, failure_code, rows_read',
      "now(), 'failed', 'file-empty', 0",
      sql,
    );
    expect(failed).toEqual([['failed', '0', null]]);
  });
});

describe('a filter reaches an index', () => {
  test.each([
    ['transactions', "transaction_date = '2025-03-01' AND store_id = 'oslo'", 'transactions_by_day'],
    ['daily_balance', "transaction_date BETWEEN '2025-03-01' AND '2025-03-02'", 'transactions_by_day'],
    ['upload_history', "received_on = '2025-03-01' AND store_id = 'oslo'", 'uploads_by_day'],
    ['data_quality', "received_on = '2025-03-01' AND store_id = 'oslo'", 'uploads_by_day'],
    ['daily_balance', "product = 'Soap'", 'transactions_by_product'],
    ['daily_balance', "product IN ('Soap', 'Salt') AND store_id = 'oslo'", 'transactions_by_product'],
    ['cumulated_balance', "product = 'Soap'", 'transactions_by_product'],
    ['rejects_by_reason', "received_on = '2025-03-01' AND store_id = 'oslo'", 'uploads_by_day'],
  ])('of %s, on %s: %s', async (view, filter, index) => {
    // With a handful of rows the planner reads the table; what matters is that it could take the index.
    await quicksight.query('SET enable_seqscan = off');
    const plan = await ask(`EXPLAIN (COSTS off) SELECT * FROM reporting.${view} WHERE ${filter}`);
    const text = plan.flat().join('\n');
    expect(text).toMatch(new RegExp(`(using|on) ${index}\\b[^]*Index Cond`));
    await quicksight.query('RESET enable_seqscan');
  });
});
