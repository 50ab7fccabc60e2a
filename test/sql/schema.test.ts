import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpSchema } from '../support/dump-schema.ts';
import { TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
});
afterAll(() => database?.drop());

test('sql/schema.sql is the schema of a database to which every file was applied: npm run schema writes it', async () => {
  const owner = await database.connectAs('retail_migrator');
  await expect(await dumpSchema(owner)).toMatchFileSnapshot('../../sql/schema.sql');
});

describe('comments in the database', () => {
  const SEEN = `c.oid IN ('public.transactions'::regclass, 'ledger.upload_history'::regclass,
                          'ledger.rejected_rows'::regclass, 'ledger.other_versions'::regclass)
                OR c.relnamespace = 'reporting'::regnamespace`;

  test('each table, view and column has a comment of one sentence', async () => {
    const comments = await database.rows<{ name: string; comment: string | null }>(
      `SELECT c.oid::regclass::text AS name, obj_description(c.oid, 'pg_class') AS comment
       FROM pg_class AS c WHERE ${SEEN}
       UNION ALL
       SELECT format('%s.%s', c.oid::regclass, a.attname), col_description(c.oid, a.attnum)
       FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 WHERE ${SEEN}`,
    );
    expect(comments.length).toBeGreaterThan(90);
    for (const { name, comment } of comments) expect(comment, name).toMatch(/^\S.*\.$/);
  });

  test('the schema reporting has one too', async () => {
    const [row] = await database.rows(`SELECT obj_description('reporting'::regnamespace) AS comment`);
    expect(row!.comment).toMatch(/\.$/);
  });
});
