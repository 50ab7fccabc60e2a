import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ApplyOptions,
  applyFiles,
  type Execute,
  setPassword,
} from '../../lambdas/migrate/apply-files.ts';
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

describe('a database that another version made is refused and left unchanged', () => {
  const [first, second] = files as [SqlFile, SqlFile];
  test.each<[string, SqlFile[], string]>([
    ['a file has changed', [{ ...first, checksum: 'another' }], first.name],
    [
      'a number has another name',
      [first, sqlFile('migrations/0002_orders.sql', 'DROP TABLE x')],
      second.name,
    ],
    [
      'a number was the build of an index',
      [
        {
          ...sqlFile('migrations/0002_by_store.concurrently.sql', ''),
          index: {
            name: 'public.x',
            statement: 'CREATE INDEX CONCURRENTLY x ON public.transactions (store_id)',
          },
        },
      ],
      second.name,
    ],
  ])('if %s', async (_, changed, known) => {
    const before = await history();
    await expect(apply(changed)).rejects.toThrow(
      `another version made this database, which has ${known} with another name or text than ${changed.at(-1)!.name}`,
    );
    expect(await history()).toEqual(before);
    expect(await relation('public.x')).toBeNull();
  });
});

test('a release that is rolled back ignores the migrations that the newer one applied', async () => {
  const newer = sqlFile('migrations/0899_newer.sql', 'CREATE TABLE public.newer (id integer)');
  await apply([newer]);
  expect(await apply(files.filter(({ isRepeatable }) => !isRepeatable))).toEqual([]);
});

test('a file that fails halfway changes nothing', async () => {
  const before = await history();
  const failing = sqlFile(
    'migrations/0901_failing.sql',
    'CREATE TABLE public.half_done (id integer); SELECT 1 / 0;',
  );
  await expect(apply([failing])).rejects.toThrow('division by zero');
  expect(await relation('public.half_done')).toBeNull();
  expect(await history()).toEqual(before);
});

test('a failed file is applied once it is corrected', async () => {
  await expect(apply([sqlFile('migrations/0902_corrected.sql', 'SELECT 1 / 0;')])).rejects.toThrow();
  const corrected = sqlFile('migrations/0902_corrected.sql', 'CREATE TABLE public.corrected (id integer);');
  expect(await apply([corrected])).toEqual([corrected.name]);
  expect(await relation('public.corrected')).toBe('corrected');
});

test('text that looks like a parameter is applied verbatim', async () => {
  const sql = `CREATE VIEW public.colons AS SELECT ':name' AS a, to_char(now(), 'HH24:MI:SS') AS b, 'it''s $$' AS c;`;
  await apply([sqlFile('migrations/0903_colons.sql', sql)]);
  expect((await database.rows('SELECT a, c FROM public.colons'))[0]).toEqual({ a: ':name', c: "it's $$" });
});

describe('a repeatable file', () => {
  const view = (value: number) =>
    sqlFile(
      'views/answer.sql',
      `DROP VIEW IF EXISTS public.answer CASCADE; CREATE VIEW public.answer AS SELECT ${value} AS value;`,
      String(value),
      true,
    );
  const answer = async () =>
    (await database.rows<{ value: number }>('SELECT value FROM public.answer'))[0]?.value;

  test('is applied again when its text changes, forwards and back, and not otherwise', async () => {
    for (const [value, applied] of [
      [1, true],
      [1, false],
      [2, true],
      [1, true],
    ] as const) {
      expect(await apply([view(value)])).toEqual(applied ? ['views/answer.sql'] : []);
      expect(await answer()).toBe(value);
    }
  });

  test('is applied again after a numbered file, which may have dropped its objects', async () => {
    await apply([view(1)]);
    const dropping = sqlFile('migrations/0904_dropping.sql', 'DROP VIEW public.answer;');
    expect(await apply([dropping, view(1)])).toEqual([dropping.name, 'views/answer.sql']);
    expect(await answer()).toBe(1);
    expect(await apply([dropping, view(1)])).toEqual([]);
  });
});

test('the files apply to a database whose schemas were put aside, as after a rebuild from the bucket', async () => {
  const other = await TestDatabase.create();
  const owner = await other.connectAs('retail_migrator');
  await owner.query('ALTER SCHEMA ledger RENAME TO former');
  await owner.query('ALTER SCHEMA reporting RENAME TO former_reporting');
  await owner.query('ALTER TABLE public.transactions SET SCHEMA former');
  const options = { deadline: Date.now() + 20_000 };
  expect(await applyFiles(executeOn(owner), { bootstrap, files }, options)).toHaveLength(files.length);
  expect(await other.rows('SELECT count(*)::integer AS rows FROM reporting.transactions')).toEqual([
    { rows: 0 },
  ]);
  await owner.query('DROP SCHEMA former, former_reporting CASCADE');
  await other.drop();
});

describe('two deployments at the same time', () => {
  let second: Execute;
  beforeAll(async () => {
    second = executeOn(await database.connectAs('retail_migrator'));
  });
  const files = (name: string) => ({
    bootstrap,
    files: [
      sqlFile(`migrations/${name}.sql`, `CREATE TABLE public.${name} (id integer); SELECT pg_sleep(0.2);`),
    ],
  });

  test('apply each file once, and the second waits for the first', async () => {
    const options = { deadline: Date.now() + 20_000, pollMilliseconds: 50 };
    const both = [execute, second].map((each) => applyFiles(each, files('both'), options));
    const applied = await Promise.all(both);
    expect(applied.map(({ length }) => length).sort()).toEqual([0, 1]);
    expect(
      await database.rows("SELECT FROM ledger.migrations WHERE file_name = 'migrations/both.sql'"),
    ).toHaveLength(1);
  });

  test('create the history of a new database once', async () => {
    const empty = await TestDatabase.create({ template: false });
    const clients = [await empty.connectAs('retail_migrator'), await empty.connectAs('retail_migrator')];
    await clients[0]!.query('BEGIN');
    await clients[0]!.query(bootstrap);
    const waiting = clients[1]!.query(bootstrap);
    await clients[0]!.query('COMMIT');
    await expect(waiting).resolves.toBeDefined();
    await empty.drop();
  });

  test('that both begin with an empty database succeed', async () => {
    const empty = await TestDatabase.create({ template: false });
    const clients = await Promise.all([1, 2, 3, 4].map(() => empty.connectAs('retail_migrator')));
    await expect(Promise.all(clients.map((client) => client.query(bootstrap)))).resolves.toHaveLength(4);
    await empty.drop();
  });

  test('are not held up by what another role can do', async () => {
    const analyst = await database.connectAs('retail_analyst');
    await analyst.query('SELECT pg_advisory_lock(20220115)');
    await expect(
      analyst.query('BEGIN; LOCK TABLE ledger.migrations IN SHARE ROW EXCLUSIVE MODE'),
    ).rejects.toThrow('permission denied');
    await analyst.query('ROLLBACK; BEGIN; SELECT count(*) FROM ledger.uploads');
    await expect(applyFiles(second, files('unhindered'), { deadline: Date.now() })).resolves.toHaveLength(1);
    await analyst.query('ROLLBACK');
  });

  test('tell the second one to deploy again if the first takes too long', async () => {
    const first = await database.connectAs('retail_migrator');
    await first.query('BEGIN');
    await first.query('LOCK TABLE ledger.migrations IN SHARE ROW EXCLUSIVE MODE');
    const options = { deadline: Date.now() + 150, pollMilliseconds: 50 };
    await expect(applyFiles(second, { ...files('slow'), bootstrap: 'SELECT 1' }, options)).rejects.toThrow(
      'migrations/slow.sql is still being applied, by this deployment or another one. Deploy again',
    );
    await first.query('ROLLBACK');
    await expect(applyFiles(second, files('slow'), { deadline: Date.now() })).resolves.toHaveLength(1);
  });

  test('keep the second one waiting from its first statement on, longer than a call may take', async () => {
    const timeout: Execute = () =>
      Promise.reject(Object.assign(new Error('timed out'), { name: 'StatementTimeoutException' }));
    const answers = [timeout, timeout];
    const options = { deadline: Date.now() + 20_000, pollMilliseconds: 10 };
    await expect(
      applyFiles((...call) => (answers.shift() ?? second)(...call), files('patient'), options),
    ).resolves.toHaveLength(1);
    await expect(applyFiles(timeout, files('patient'), { ...options, deadline: Date.now() })).rejects.toThrow(
      'bootstrap.sql is still being applied',
    );
  });
});

test('a role gets the password of a secret that is rotated while it is being set', async () => {
  const username = `test_${database.name.slice(-12)}`;
  await execute(`CREATE ROLE "${username}"`, {});
  const secrets = ['first', 'second', 'second'].map((password) => JSON.stringify({ username, password }));
  await setPassword(execute, async () => secrets.shift()!);
  expect(secrets).toEqual([]);
  const url = new URL(database.server.adminUrl);
  const login = async (password: string) => {
    const pathname = `/${database.name}`;
    const client = new pg.Client(Object.assign(new URL(url), { username, password, pathname }).href);
    await client.connect().finally(() => client.end());
  };
  await expect(login('second')).resolves.toBeUndefined();
  await expect(login('first')).rejects.toThrow('password authentication failed');
  await execute(`DROP ROLE "${username}"`, {});
});
