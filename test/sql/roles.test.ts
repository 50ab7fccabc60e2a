import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const clients = new Map<string, pg.Client>();
let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
  for (const role of [
    'retail_loader',
    'retail_sweeper',
    'retail_operator',
    'retail_analyst',
    'retail_quicksight',
    'retail_api',
    'retail_notifier',
    'retail_migrator',
  ]) {
    clients.set(role, await database.connectAs(role));
  }
});
afterAll(() => database?.drop());

/** Runs SQL as a role; afterwards no transaction is open. */
async function as(role: string, sql: string): Promise<pg.QueryResult> {
  const client = clients.get(role)!;
  return client.query(sql).finally(() => client.query('ROLLBACK'));
}

async function lines(sql: string, values: unknown[] = []): Promise<string[]> {
  return (await clients.get('retail_migrator')!.query(sql, values)).rows.map(({ line }) => line);
}

const OBJECTS = `IN ('public'::regnamespace, 'ledger'::regnamespace, 'reporting'::regnamespace)`;

const functionsOf = (role: string) =>
  lines(
    `SELECT oid::regprocedure::text AS line FROM pg_proc
     WHERE pronamespace ${OBJECTS} AND has_function_privilege($1, oid, 'EXECUTE') ORDER BY 1`,
    [role],
  );

const tablesOf = (role: string) =>
  lines(
    `SELECT format('%s %s', privilege, oid::regclass) AS line
     FROM pg_class, unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS privilege
     WHERE relnamespace ${OBJECTS} AND relkind IN ('r', 'v', 'm', 'p') AND has_table_privilege($1, oid, privilege)
     ORDER BY 1`,
    [role],
  );

const allTables = (where: string) =>
  lines(
    `SELECT format('SELECT %s', oid::regclass) AS line FROM pg_class
     WHERE relnamespace ${OBJECTS} AND relkind IN ('r', 'v', 'm', 'p') AND ${where} ORDER BY 1`,
  );

describe('each role may call its functions and no others', () => {
  test.each([
    ['public', []],
    ['retail_loader', ['ledger.load_batch(json)']],
    [
      'retail_sweeper',
      [
        'ledger.find_unfinished(interval,interval,integer)',
        'ledger.note_listed(json)',
        'ledger.note_sent(json)',
        'ledger.retry_notices(interval,integer)',
      ],
    ],
    [
      'retail_analyst',
      [
        'ledger.find_unknown_uploads()',
        'ledger.verify(timestamp with time zone,uuid,integer)',
        'reporting.transactions_as_of(timestamp with time zone)',
      ],
    ],
    [
      'retail_operator',
      [
        'ledger.count_open(uuid)',
        'ledger.count_rejects(uuid)',
        'ledger.find_double_corrections(json,integer)',
        'ledger.find_doubtful_readings(timestamp with time zone,text)',
        'ledger.find_receipt(uuid,text)',
        'ledger.find_replay_losses(timestamp with time zone,text)',
        'ledger.find_unknown_uploads()',
        'ledger.format_time(timestamp with time zone)',
        'ledger.verify(timestamp with time zone,uuid,integer)',
        'reporting.transactions_as_of(timestamp with time zone)',
      ],
    ],
    ['retail_quicksight', []],
    [
      'retail_api',
      [
        'ledger.count_open(uuid)',
        'ledger.count_rejects(uuid)',
        'ledger.find_receipt(uuid,text)',
        'ledger.format_time(timestamp with time zone)',
      ],
    ],
    ['retail_notifier', ['ledger.find_notices(uuid)', 'ledger.note_notices_sent(json)']],
  ])('%s', async (role, functions) => {
    expect(await functionsOf(role)).toEqual(functions);
  });
});

describe('each role may read its tables and views, and write none', () => {
  test.each([
    ['retail_loader', 'false'],
    ['retail_sweeper', `oid = 'ledger.sweep_cursors'::regclass`],
    ['retail_operator', 'true'],
    [
      'retail_analyst',
      `relnamespace = 'reporting'::regnamespace OR oid IN ('public.transactions'::regclass,
         'ledger.uploads'::regclass, 'ledger.batches'::regclass, 'ledger.rejected_rows'::regclass,
         'ledger.other_versions'::regclass, 'ledger.adjustments'::regclass,
         'ledger.decisions'::regclass, 'ledger.upload_history'::regclass, 'ledger.reject_states'::regclass)`,
    ],
    ['retail_quicksight', `relnamespace = 'reporting'::regnamespace`],
    [
      'retail_api',
      `oid IN ('public.transactions'::regclass, 'ledger.other_versions'::regclass, 'ledger.corrections'::regclass,
         'ledger.reject_codes'::regclass, 'ledger.decisions'::regclass, 'ledger.upload_history'::regclass,
         'ledger.reject_states'::regclass)`,
    ],
    ['retail_notifier', 'false'],
  ])('%s', async (role, where) => {
    const tables = await tablesOf(role);
    expect(tables).toEqual(await allTables(where));
    for (const table of tables) await as(role, `${table.replace('SELECT', 'SELECT count(*) FROM')}`);
  });
});

describe('denied actions of roles', () => {
  const WRITES = 'BEGIN READ WRITE;';
  test.each([
    ['retail_loader', 'SELECT count(*) FROM transactions'],
    ['retail_loader', 'SELECT count(*) FROM ledger.uploads'],
    ['retail_loader', 'SELECT count(*) FROM reporting.daily_balance'],
    ['retail_loader', `INSERT INTO transactions (id) VALUES ('${uuid(1)}')`],
    ['retail_loader', 'CREATE TABLE public.mine (id integer)'],
    ['retail_loader', 'CREATE TEMPORARY TABLE mine (id integer)'],
    ['retail_loader', "SELECT ledger.set_password('retail_loader', 'x')"],
    ['retail_loader', `SELECT ledger.verify(now(), '${uuid(0)}', 1)`],
    ['retail_loader', 'SELECT ledger.find_unknown_uploads()'],
    ['retail_loader', "SELECT ledger.apply_file('a', 'b', true, 'SELECT 1')"],
    ['retail_sweeper', 'SELECT count(*) FROM transactions'],
    ['retail_sweeper', 'SELECT count(*) FROM ledger.uploads'],
    ['retail_sweeper', 'SELECT count(*) FROM ledger.upload_history'],
    ['retail_sweeper', 'SELECT count(*) FROM ledger.unfinished_objects'],
    ['retail_sweeper', 'SELECT count(*) FROM reporting.daily_balance'],
    ['retail_sweeper', "SELECT ledger.load_batch('{}')"],
    ['retail_sweeper', `SELECT ledger.verify(now(), '${uuid(0)}', 1)`],
    ['retail_sweeper', 'SELECT ledger.find_unknown_uploads()'],
    ['retail_sweeper', "SELECT ledger.set_password('retail_sweeper', 'x')"],
    ['retail_sweeper', "INSERT INTO ledger.sweep_cursors VALUES ('b', '', '')"],
    ['retail_sweeper', 'DELETE FROM ledger.unfinished_objects'],
    ['retail_sweeper', 'CREATE TABLE public.mine (id integer)'],
    ['retail_notifier', 'SELECT count(*) FROM ledger.outbox'],
    ['retail_notifier', 'SELECT count(*) FROM ledger.rejected_rows'],
    ['retail_notifier', "SELECT ledger.load_batch('{}')"],
    ['retail_notifier', `SELECT ledger.announce('${uuid(0)}', '${uuid(0)}')`],
    ['retail_operator', "SELECT ledger.load_batch('{}')"],
    ['retail_operator', 'DELETE FROM transactions'],
    ['retail_operator', 'UPDATE ledger.uploads SET status = status'],
    ['retail_operator', "ALTER ROLE retail_analyst PASSWORD 'x'"],
    ['retail_analyst', "SELECT ledger.load_batch('{}')"],
    ['retail_analyst', 'SELECT count(*) FROM ledger.migrations'],
    ['retail_analyst', 'SELECT count(*) FROM ledger.unfinished_objects'],
    ['retail_analyst', "SELECT ledger.find_replay_losses(now(), '')"],
    ['retail_analyst', "SELECT ledger.find_doubtful_readings(now(), '')"],
    ['retail_analyst', `${WRITES} DELETE FROM transactions`],
    ['retail_analyst', `${WRITES} UPDATE ledger.uploads SET status = status`],
    ['retail_analyst', `${WRITES} CREATE TEMPORARY TABLE mine (id integer)`],
    ['retail_analyst', `${WRITES} CREATE TABLE public.mine (id integer)`],
    ['retail_analyst', `${WRITES} ALTER ROLE retail_operator PASSWORD 'x'`],
    ['retail_analyst', `${WRITES} ALTER ROLE retail_operator SET statement_timeout = 1`],
    ['retail_analyst', `${WRITES} LOCK TABLE transactions IN SHARE MODE`],
    ['retail_quicksight', 'SELECT count(*) FROM transactions'],
    ['retail_quicksight', 'SELECT count(*) FROM ledger.upload_history'],
    ['retail_quicksight', `SELECT ledger.verify(now(), '${uuid(0)}', 1)`],
    ['retail_quicksight', "SELECT ledger.load_batch('{}')"],
    ['retail_quicksight', "SELECT ledger.set_password('retail_quicksight', 'x')"],
    ['retail_quicksight', `${WRITES} CREATE TEMPORARY TABLE mine (id integer)`],
    ['retail_quicksight', `${WRITES} CREATE TABLE reporting.mine (id integer)`],
    ['retail_quicksight', `${WRITES} CREATE TABLE public.mine (id integer)`],
  ])('%s: %s', async (role, sql) => {
    await expect(as(role, sql)).rejects.toThrow('permission denied');
  });

  test.each(['retail_quicksight', 'retail_analyst'])('%s may not write through a view', async (role) => {
    const sql = `SELECT relname FROM pg_class
                 WHERE relkind = 'v' AND relnamespace IN ('reporting'::regnamespace, 'ledger'::regnamespace)
                   AND has_table_privilege($1, oid, 'INSERT, UPDATE, DELETE, TRUNCATE')`;
    expect(await database.rows(sql, [role])).toEqual([]);
  });

  test.each(
    ['retail_quicksight', 'retail_analyst'].flatMap((role) => [
      [role, 'CREATE TEMPORARY TABLE mine (id integer)'],
      [role, `ALTER ROLE ${role} PASSWORD 'x'`],
      [role, `ALTER ROLE ${role} SET statement_timeout = 0`],
      [role, "SELECT lo_from_bytea(0, 'x')"],
    ]),
  )('the transactions of %s are read-only: %s', async (role, sql) => {
    await expect(as(role!, sql!)).rejects.toThrow('read-only transaction');
  });
});

test.each([
  ['postgres', 'retail_analyst'],
  ['postgres', 'retail_loader'],
  ['template1', 'retail_analyst'],
])('no other role may connect to the database %s of the server, as %s tries', async (name, username) => {
  const { adminUrl, password } = database.server;
  const url = Object.assign(new URL(adminUrl), { username, password, pathname: `/${name}` });
  await expect(new pg.Client(url.href).connect()).rejects.toThrow('permission denied for database');
});

test('the loader may call the load function, which reads and writes for it', async () => {
  await expect(as('retail_loader', `SELECT ledger.load_batch('{"version": "0"}')`)).rejects.toThrow(
    'message format version 0 is not known',
  );
});

test('a role that exists gets the new password, and the migrator can set its own', async () => {
  const { password } = database.server;
  for (const role of ['retail_loader', 'retail_migrator']) {
    const { rows } = await as(
      'retail_migrator',
      `SELECT ledger.set_password('${role}', '${password}') AS done`,
    );
    expect(rows).toEqual([{ done: true }]);
  }
});

test('settings that a role gave itself end with the next password', async () => {
  const role = 'retail_analyst';
  const own = await database.connectAs(role);
  await own.query('BEGIN READ WRITE');
  await own.query(`ALTER ROLE ${role} SET default_transaction_read_only = off`);
  await own.query(`ALTER ROLE ${role} IN DATABASE "${database.name}" SET statement_timeout = 0`);
  await own.query('COMMIT');
  await as('retail_migrator', `SELECT ledger.set_password('${role}', '${database.server.password}')`);
  const next = await database.connectAs(role);
  const show = async (name: string) => Object.values((await next.query(`SHOW ${name}`)).rows[0])[0];
  expect(await show('default_transaction_read_only')).toBe('on');
  expect(await show('statement_timeout')).toBe('10min');
});

test('passwords can be set at the same time', async () => {
  const { password } = database.server;
  const migrators = await Promise.all([1, 2, 3].map(() => database.connectAs('retail_migrator')));
  const set = (client: pg.Client) =>
    client.query("SELECT ledger.set_password('retail_sweeper', $1)", [password]);
  for (let round = 0; round < 20; round++) await Promise.all(migrators.map(set));
});

test('the error of a password that is not set has no password, nor has its context', async () => {
  const call = clients
    .get('retail_migrator')!
    .query("SELECT ledger.set_password('retail_nobody', $1)", ['secret-password']);
  const error = await call.catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({
    code: '42704',
    message: 'the password of retail_nobody was not set: role "retail_nobody" does not exist',
  });
  expect(JSON.stringify(error)).not.toContain('secret-password');
});

test('the master is not a superuser, as on Aurora', async () => {
  const { rows } = await as('retail_migrator', 'SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER');
  expect(rows).toEqual([{ rolsuper: false }]);
});

test('an upload cannot be complete while a row is not accounted for', async () => {
  const sql = `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at, status,
                 batches_expected, batches_loaded, rows_read, rows_inserted)
               VALUES (gen_random_uuid(), gen_random_uuid(), 'b', 'k', 'v', 'main', now(), 'complete', 1, 1, 2, 1)`;
  await expect(as('retail_migrator', sql)).rejects.toThrow('every_row_is_accounted_for');
});
