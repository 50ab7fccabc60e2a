import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { migrationStatement, readMigrations } from '../../../../lambdas/migrate/migrations.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-migrations-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('migrations come in the order of their numbers, each with a checksum of its text', async () => {
  await writeFile(join(dir, '0002_b.sql'), 'SELECT 2;');
  await writeFile(join(dir, '0001_a.sql'), 'SELECT 1;');
  const migrations = await readMigrations(dir);
  expect(migrations.map(({ version, name }) => [version, name])).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect(new Set(migrations.map(({ checksum }) => checksum)).size).toBe(2);
  expect(migrationStatement(migrations[0]!)).toContain(migrations[0]!.checksum);
});

test.each([
  [['0001_a.sql', '0003_c.sql'], '0003_c.sql should have the number 2'],
  [['0001_a.sql', '0001_b.sql'], '0001_b.sql should have the number 2'],
  [['1_a.sql'], '1_a.sql is not called NNNN_slug.sql'],
])('%j is refused', async (names, message) => {
  for (const name of names) await writeFile(join(dir, name), '');
  await expect(readMigrations(dir)).rejects.toThrow(message);
});

test('the project’s own migrations can be read, and none ends the block that runs it', async () => {
  const migrations = await readMigrations(
    fileURLToPath(new URL('../../../../sql/migrations', import.meta.url)),
  );
  expect(migrations.length).toBeGreaterThan(3);
  for (const { sql } of migrations) expect(sql).not.toContain('$retail_migration$');
});
