import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApplyOptions, applyFiles, type Execute } from '../../lambdas/migrate/apply-files.ts';
import { readSqlFiles, type SqlFile } from '../../lambdas/migrate/sql-files.ts';
import { executeOn, SQL_FOLDER, TestDatabase } from '../support/test-database.ts';

const { bootstrap, files } = await readSqlFiles(SQL_FOLDER);

let database: TestDatabase;
let execute: Execute;
beforeAll(async () => {
  database = await TestDatabase.create();
  execute = executeOn(await database.connectAs('retail_migrator'));
});
afterAll(() => database?.drop());

const history = () => database.rows('SELECT * FROM ledger.migrations ORDER BY applied_at');
const relation = async (name: string) =>
  (await database.rows<{ name: string | null }>('SELECT to_regclass($1)::text AS name', [name]))[0]!.name;

function apply(changed: readonly SqlFile[], options: Partial<ApplyOptions> = {}): Promise<string[]> {
  return applyFiles(execute, { bootstrap, files: changed }, { deadline: Date.now() + 20_000, ...options });
}

/** A file that is applied once, unless `isRepeatable` says otherwise. */
function sqlFile(name: string, sql: string, checksum = sql, isRepeatable = false): SqlFile {
  return { name, sql, checksum, isRepeatable };
}

test('each file of sql/ is recorded once, in the order in which it was applied', async () => {
  expect((await history()).map(({ file_name }) => file_name)).toEqual(files.map(({ name }) => name));
});

test('applying all files again changes nothing', async () => {
  const before = await history();
  expect(await apply(files)).toEqual([]);
  expect(await history()).toEqual(before);
});

test('a numbered file that changed after it was applied is refused', async () => {
  const changed = { ...files[0]!, checksum: 'another' };
  await expect(apply([changed])).rejects.toThrow(
    'migration migrations/0001_tables.sql was changed after it was applied to this database',
  );
});

test('a file that fails halfway leaves nothing behind', async () => {
  const before = await history();
  const failing = sqlFile(
    'migrations/0901_failing.sql',
    'CREATE TABLE public.half_done (id integer); SELECT 1 / 0;',
  );
  await expect(apply([failing])).rejects.toThrow('division by zero');
  expect(await relation('public.half_done')).toBeNull();
  expect(await history()).toEqual(before);
});
