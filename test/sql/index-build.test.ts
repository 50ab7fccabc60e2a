import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { applyFiles, type Execute } from '../../lambdas/migrate/apply-files.ts';
import { readSqlFiles, type SqlFile } from '../../lambdas/migrate/sql-files.ts';
import { Database } from '../../lambdas/shared/data-api.ts';
import { DataApiService } from '../../local/data-api/data-api-service.ts';
import { SQL_FOLDER, TestDatabase } from '../support/test-database.ts';
import { configOf, startGateway } from '../unit/local/running-gateway.ts';

const CLUSTER = 'arn:aws:rds:us-east-1:000000000000:cluster:retail';
const SECRET = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:migrator';
/** Instead of the 45 s of AWS. */
const TIMEOUT_MILLISECONDS = 400;

const { bootstrap } = await readSqlFiles(SQL_FOLDER);
const { adminUrl, password } = inject('testServer');
const { hostname, port } = new URL(adminUrl);

const gateway = await startGateway((access) => ({
  'rds-data': new DataApiService({
    clusterArn: CLUSTER,
    databaseName: 'retail',
    host: hostname,
    port: Number(port),
    access,
    secrets: { current: () => ({ username: 'retail_migrator', password }) },
    statementTimeoutMilliseconds: TIMEOUT_MILLISECONDS,
  }),
}));

let database: TestDatabase;
let owner: pg.Client;
let dataApi: Database;
let statements: string[] = [];
beforeAll(async () => {
  database = await TestDatabase.create();
  owner = await database.connectAs('retail_migrator');
  dataApi = new Database(
    { clusterArn: CLUSTER, secretArn: SECRET, databaseName: database.name },
    { connection: configOf(gateway) },
  );
});
afterAll(() => database?.drop());
beforeEach(async () => {
  statements = [];
  await owner.query('DROP TABLE IF EXISTS public.numbered; CREATE TABLE public.numbered (number integer)');
  await owner.query('INSERT INTO public.numbered VALUES (1), (2)');
});

const execute: Execute = async (sql, parameters) => {
  statements.push(sql);
  const { records = [] } = await dataApi.execute(sql, parameters, Date.now(), { continueAfterTimeout: true });
  return records[0]?.[0]?.stringValue;
};

/** Above the numbers of `sql/`, which the database has. */
let files = 500;
function indexFile(): SqlFile {
  const name = `migrations/${String(++files).padStart(4, '0')}_number.concurrently.sql`;
  const statement = 'CREATE UNIQUE INDEX CONCURRENTLY by_number ON public.numbered (number)';
  return {
    name,
    isRepeatable: false,
    sql: statement,
    checksum: name,
    index: { name: 'public.by_number', statement },
  };
}

const apply = (file: SqlFile, seconds = 20) =>
  applyFiles(
    execute,
    { bootstrap, files: [file] },
    { deadline: Date.now() + seconds * 1_000, pollMilliseconds: 50 },
  );

/** States of the index: valid or not; empty if it does not exist. */
async function indexes(): Promise<boolean[]> {
  const { rows } = await owner.query(
    `SELECT indisvalid AS valid FROM pg_index WHERE indrelid = 'public.numbered'::regclass`,
  );
  return rows.map(({ valid }) => valid);
}

const sent = (beginning: string) => statements.filter((statement) => statement.startsWith(beginning)).length;

test('an index is built once, and recorded', async () => {
  const file = indexFile();
  expect(await apply(file)).toEqual([file.name]);
  expect(await indexes()).toEqual([true]);
  expect(await apply(file)).toEqual([]);
  expect(sent('CREATE UNIQUE INDEX')).toBe(1);
});

test('a build that takes longer than a call is waited for, and not started again', async () => {
  const file = indexFile();
  await owner.query('BEGIN; INSERT INTO public.numbered VALUES (3)');
  const applying = apply(file);
  await new Promise((resolve) => setTimeout(resolve, 3 * TIMEOUT_MILLISECONDS));
  expect(await indexes()).toEqual([false]);
  await owner.query('COMMIT');
  expect(await applying).toEqual([file.name]);
  expect(await indexes()).toEqual([true]);
  expect(sent('CREATE UNIQUE INDEX')).toBe(1);
});

test('a build that waits for its table is not begun again', async () => {
  const file = indexFile();
  await owner.query('BEGIN; LOCK TABLE public.numbered IN SHARE UPDATE EXCLUSIVE MODE');
  const applying = apply(file);
  await new Promise((resolve) => setTimeout(resolve, 3 * TIMEOUT_MILLISECONDS));
  expect(await indexes()).toEqual([]);
  await owner.query('COMMIT');
  expect(await applying).toEqual([file.name]);
  expect(sent('CREATE UNIQUE INDEX')).toBe(1);
});

test('a build that another deployment began is waited for', async () => {
  const file = indexFile();
  await owner.query('BEGIN; INSERT INTO public.numbered VALUES (3)');
  const first = apply(file);
  await expect.poll(indexes).toEqual([false]);
  const second = apply(file);
  await owner.query('COMMIT');
  expect((await Promise.all([first, second])).flat()).toEqual([file.name]);
  expect(await indexes()).toEqual([true]);
});

test('a failed build is reported, and its invalid index is dropped and built again', async () => {
  const file = indexFile();
  await owner.query('INSERT INTO public.numbered VALUES (2)');
  await expect(apply(file)).rejects.toThrow('could not create unique index');
  expect(await indexes()).toEqual([false]);
  await owner.query('DELETE FROM public.numbered WHERE number = 2');
  expect(await apply(file)).toEqual([file.name]);
  expect(await indexes()).toEqual([true]);
});

test('a build that fails after its call ended is an error', async () => {
  const file = indexFile();
  await owner.query('BEGIN; INSERT INTO public.numbered VALUES (2)');
  const applying = apply(file);
  const expected = expect(applying).rejects.toThrow('the index public.by_number is invalid');
  await new Promise((resolve) => setTimeout(resolve, 2 * TIMEOUT_MILLISECONDS));
  await owner.query('COMMIT');
  await expected;
  expect(sent('CREATE UNIQUE INDEX')).toBe(1);
});

test('a build that does not finish before the deadline continues without the deployment', async () => {
  const file = indexFile();
  await owner.query('BEGIN; INSERT INTO public.numbered VALUES (3)');
  await expect(apply(file, 1)).rejects.toThrow(`${file.name} is still being applied`);
  await owner.query('COMMIT');
  await expect.poll(indexes).toEqual([true]);
  expect(await apply(file)).toEqual([file.name]);
});

test('a numbered file that takes longer than a call is applied once', async () => {
  const sql = 'INSERT INTO public.numbered VALUES (9); SELECT pg_sleep(1.2);';
  const file = { name: 'migrations/0900_slow.sql', isRepeatable: false, sql, checksum: 'x' };
  expect(await apply(file)).toEqual([file.name]);
  expect((await owner.query('SELECT FROM public.numbered WHERE number = 9')).rowCount).toBe(1);
});

test('a result without a type that the Data API documents is refused', async () => {
  const call = dataApi.execute('SELECT pg_sleep(0)', {}, Date.now());
  await expect(call).rejects.toMatchObject({ name: 'UnsupportedResultException' });
});

test('without continueAfterTimeout a statement ends with its call', async () => {
  const sleeping = async () =>
    (
      await owner.query(
        `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep(7)%'`,
      )
    ).rowCount;
  const call = dataApi.execute('SELECT CAST(pg_sleep(7) AS text)', {}, Date.now());
  await expect(call).rejects.toMatchObject({ name: 'StatementTimeoutException' });
  expect(await sleeping()).toBe(0);
});
