import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSqlFiles } from '../../../../lambdas/migrate/sql-files.ts';

const PROJECT = fileURLToPath(new URL('../../../../sql', import.meta.url));
const CREATE_INDEX = 'CREATE INDEX CONCURRENTLY by_store ON public.transactions (store_id);';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'retail-sql-files-'));
  for (const folder of ['migrations', 'functions', 'views']) await mkdir(join(dir, folder));
  await writeFile(join(dir, 'bootstrap.sql'), 'SELECT 1');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const write = (name: string, sql = '') => writeFile(join(dir, name), sql);

test('files are ordered as migrations, functions, views, each with a checksum of its text', async () => {
  await write('views/a.sql', 'SELECT 5;');
  await write('functions/d.sql', 'SELECT 4;');
  await write('functions/c.sql', 'SELECT 3;');
  await write('migrations/0002_a.sql', 'SELECT 2;');
  await write('migrations/0001_b.sql', 'SELECT 1;');
  const { bootstrap, files } = await readSqlFiles(dir);
  expect(bootstrap).toBe('SELECT 1');
  expect(files.map(({ name, sql, isRepeatable }) => [name, sql, isRepeatable])).toEqual([
    ['migrations/0001_b.sql', 'SELECT 1;', false],
    ['migrations/0002_a.sql', 'SELECT 2;', false],
    ['functions/c.sql', 'SELECT 3;', true],
    ['functions/d.sql', 'SELECT 4;', true],
    ['views/a.sql', 'SELECT 5;', true],
  ]);
  expect(new Set(files.map(({ checksum }) => checksum)).size).toBe(5);
});

test.each([
  [['migrations/0001_a.sql', 'migrations/0003_c.sql'], 'migrations/0003_c.sql must have the number 0002'],
  [['migrations/0001_a.sql', 'migrations/0001_b.sql'], 'migrations/0001_b.sql must have the number 0002'],
  [['migrations/1_a.sql'], 'migrations/1_a.sql must have a name of the form NNNN_slug.sql'],
  [['functions/0001-a.sql'], 'functions/0001-a.sql must have a name of the form slug.sql'],
  [['views/a.txt'], 'views/a.txt must have a name of the form slug.sql'],
])('%j is refused', async (names, message) => {
  for (const name of names) await write(name);
  await expect(readSqlFiles(dir)).rejects.toThrow(message);
});

test('a file of one CREATE INDEX CONCURRENTLY runs outside a transaction, without its comments', async () => {
  await write('migrations/0001_by_store.concurrently.sql', `-- Stores: a reason.\n${CREATE_INDEX}\n`);
  const { files } = await readSqlFiles(dir);
  expect(files[0]!.index).toEqual({ name: 'public.by_store', statement: CREATE_INDEX.replace(';', '') });
});

test.each([
  ['two statements', `${CREATE_INDEX}\n${CREATE_INDEX}`],
  ['an index that blocks writers', CREATE_INDEX.replace('CONCURRENTLY ', '')],
  ['a table without its schema', CREATE_INDEX.replace('public.', '')],
  ['a colon', CREATE_INDEX.replace('store_id', '(store_id::text)')],
  ['another statement', 'VACUUM public.transactions'],
])('a file that runs outside a transaction is refused if it holds %s', async (_, sql) => {
  await write('migrations/0001_a.concurrently.sql', sql);
  await expect(readSqlFiles(dir)).rejects.toThrow(
    'migrations/0001_a.concurrently.sql must hold one statement',
  );
});

test('the bootstrap statement has no text that could be read as a parameter', async () => {
  const { bootstrap, files } = await readSqlFiles(PROJECT);
  expect(files.length).toBeGreaterThan(8);
  // The reader may not know strings, comments and dollar quotes.
  expect(bootstrap).not.toMatch(/:\w/);
  const comments = bootstrap.match(/--.*/g)!;
  expect(comments.join('')).not.toMatch(/['"]/);
});
