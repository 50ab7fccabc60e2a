import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Migration, migrationStatement, readMigrations } from '../../lambdas/migrate/migrations.ts';
import { TestCloud } from '../support/test-cloud.ts';

let cloud: TestCloud;
let migrator: pg.Client;
let migrations: Migration[];
beforeAll(async () => {
  cloud = await TestCloud.start();
  migrator = await cloud.connectAs('retail_migrator');
  migrations = await readMigrations(fileURLToPath(new URL('../../sql/migrations', import.meta.url)));
});
afterAll(async () => {
  await migrator?.end();
  await cloud?.stop();
});

const applied = async () => (await migrator.query('SELECT * FROM ledger.migrations ORDER BY version')).rows;

test('each migration is recorded once, in order', async () => {
  expect((await applied()).map(({ version, name }) => [version, name])).toEqual(
    migrations.map(({ version, name }) => [version, name]),
  );
});

test('running them again does no harm', async () => {
  const before = await applied();
  for (const migration of migrations) await migrator.query(migrationStatement(migration));
  expect(await applied()).toEqual(before);
});

test('one that was changed after it ran is refused', async () => {
  const changed = { ...migrations[0]!, checksum: 'another' };
  await expect(migrator.query(migrationStatement(changed))).rejects.toThrow(
    'migration 1 (transactions) was changed after it ran here',
  );
});

test('one that fails half way leaves nothing behind', async () => {
  const next = migrations.length + 1;
  const sql = 'CREATE TABLE public.half_done (id integer);\nSELECT 1 / 0;';
  const failing = { version: next, name: 'failing', sql, checksum: 'x' };
  await expect(migrator.query(migrationStatement(failing))).rejects.toThrow();
  const { rows } = await migrator.query("SELECT to_regclass('public.half_done') AS table");
  expect(rows).toEqual([{ table: null }]);
  expect(await applied()).toHaveLength(migrations.length);
});
