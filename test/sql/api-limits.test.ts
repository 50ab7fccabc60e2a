import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RejectsAnswer, UploadAnswer } from '../../lambdas/core/api-answers.ts';
import type { RouteName } from '../../lambdas/shared/api-routes.ts';
import { ApiOnDatabase, type Ask } from '../support/api-ledger.ts';
import { uuid } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

/** Control characters are the longest in JSON that is in JSON. */
const LONG = '\u0001';
const UPLOADS = 101;
const LINES = 130;
const [FIRST_ID, FIRST] = [uuid(1), { id: uuid(1) }];

let database: TestDatabase;
let api: ApiOnDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
  const owner = await database.connectAs('retail_migrator');
  const query = (sql: string, ...values: unknown[]) => owner.query(sql, values);
  await query(
    `INSERT INTO ledger.uploads (upload_id, file_id, bucket, object_key, version_id, store_id, received_at, status,
       failure_code, failure_message, header_text, format, rows_rejected)
     SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
            ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'b', repeat($1, 1015) || n, 'v', 'oslo', now(),
            'failed', 'header-invalid', repeat($1, 70000), repeat($1, 65536),
            json_build_object('sheet', repeat($1, 65536)), CASE n WHEN 1 THEN $2::integer ELSE 0 END
     FROM generate_series(1, $3::integer) AS n`,
    LONG,
    LINES,
    UPLOADS,
  );
  await query(
    `INSERT INTO ledger.rejected_rows (upload_id, line, column_name, code, message, original_text)
     SELECT $1, n, repeat($2, 65536), 'name-missing', repeat($2, 65536), repeat($2, CASE WHEN n > 110 THEN 65536 ELSE 90 END)
     FROM generate_series(2, $3::integer) AS n`,
    FIRST_ID,
    LONG,
    LINES,
  );
  await query(
    `INSERT INTO ledger.decisions (bucket, object_key, version_id, kind, file_key, file_version, lines, reason, decided_by,
       is_forced, decided_at, received_at, state)
     SELECT 'b', n::text, 'v', 'restate', u.object_key, 'v',
            (SELECT range_agg(int4range(2 * i, 2 * i + 1)) FROM generate_series(1, 99) AS i), repeat($1, 9999),
            repeat($1, 9999), false, now(), now(), 'waiting'
     FROM generate_series(1, 60) AS n, ledger.uploads AS u WHERE u.upload_id = $2`,
    LONG,
    FIRST_ID,
  );
  const row = `date '2025-03-01', 'SELL', repeat($1, 65535) || n, 1, 9999999999.99, 9999999999.99, 'oslo'`;
  await query(
    `INSERT INTO transactions SELECT gen_random_uuid(), ${row}, $2, n FROM generate_series(1, $3::integer) AS n`,
    LONG,
    FIRST_ID,
    LINES,
  );
  await query(
    `INSERT INTO transactions
     SELECT gen_random_uuid(), ${row.replace('repeat($1, 65535) || n', 'n || repeat($1, 300)')}, $2, n
     FROM generate_series(1, $3::integer) AS n`,
    LONG,
    FIRST_ID,
    LINES,
  );
  await query(
    `INSERT INTO ledger.other_versions
     SELECT id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, $1,
            row_number() OVER (), 'conflict' FROM transactions`,
    FIRST_ID,
  );
  api = await ApiOnDatabase.connect(database);
});
afterAll(() => database?.drop());

test.each<[RouteName, Ask]>([
  ['listUploads', {}],
  ['listUploads', { query: { store: 'oslo' } }],
  ['getUpload', FIRST],
  ['listRejects', FIRST],
  ['listRejects', { ...FIRST, query: { limit: '1000', after: '100' } }],
  ['countRejects', FIRST],
  ['listConflicts', FIRST],
  ['findProducts', {}],
  ['getTopProducts', { query: { limit: '100' } }],
  ['getBalance', { query: { product: LONG.repeat(200) } }],
  ['listTransactions', { query: { day: '2025-03-01' } }],
  ['listDays', {}],
])('%s %j fits into a response of the Data API, whatever texts files have', async (route, ask) => {
  await expect(api.ask(route, ask)).resolves.toBeTruthy();
});

test('texts that are too long for an answer are cut or absent', async () => {
  const upload = await api.ask<UploadAnswer>('getUpload', FIRST);
  expect([upload.header, upload.format, upload.decisions.length]).toEqual([null, null, 10]);
  expect(upload.failure!.message).toHaveLength(1_000);
  const { rejects } = await api.ask<RejectsAnswer>('listRejects', { ...FIRST, query: { after: '129' } });
  expect([rejects[0]!.isCut, rejects[0]!.text.length]).toEqual([true, 8_000]);
});

test('pages of long texts have every rejected row once', async () => {
  const lines: number[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const query: Record<string, string> = { limit: '1000', after: String(after) };
    const page: RejectsAnswer = await api.ask<RejectsAnswer>('listRejects', { ...FIRST, query });
    lines.push(...page.rejects.map(({ line }) => line));
    after = page.next;
  }
  expect(lines).toEqual(Array.from({ length: LINES - 1 }, (_, place) => place + 2));
});
