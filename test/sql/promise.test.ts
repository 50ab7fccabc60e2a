import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_RULES } from '../../lambdas/core/rules.ts';
import { Judge } from '../../lambdas/core/verdict.ts';
import { load, numberedUpload } from '../support/batches.ts';
import { parseAll } from '../support/parse-all.ts';
import { TestDatabase } from '../support/test-database.ts';

const RUNS = 60;
/** So small that a file has several batches. */
const SETTINGS = { rules: DEFAULT_RULES, maxMessageBytes: 1_800 };
const HEADER = 'id,transaction_date,category,name,quantity,amount_excl_tax,amount_inc_tax';

let database: TestDatabase;
let loader: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loader = await database.connectAs('retail_loader');
});
afterAll(() => database?.drop());

const row = fc.record({
  id: fc.nat({ max: 4 }),
  isUpper: fc.boolean(),
  date: fc.constantFrom('2025-03-15', '2025-03-15', '15.03.2025', '2025-03-16'),
  category: fc.constantFrom('SELL', 'SELL', 'BUY', 'LEND'),
  name: fc.constantFrom(
    'Tea',
    '"Tea"',
    ' Tea ',
    'tea',
    '"Tea ""Earl Grey"", 1 kg"',
    'Te\\a',
    'Crème',
    'Creme',
    '🍵',
  ),
  quantity: fc.constantFrom('1', '1.0', '01', '1.50', '1.5'),
  amounts: fc.constantFrom(
    '10,12',
    '10.00,12.0',
    '€10.00,12',
    '10.01,12.01',
    '"1,000.00",1200',
    '1000,1200.00',
  ),
});
const file = fc.record({
  rows: fc.array(row, { minLength: 2, maxLength: 25 }),
  order: fc.infiniteStream(fc.nat({ max: 1_000 })),
});

let run = 0;

test('a file has the results that its check promised, in whatever order its batches are loaded', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ rows, order }) => {
      const ids = Array.from({ length: 5 }, () => randomUUID());
      const lines = rows.map(({ id, isUpper, date, category, name, quantity, amounts }) => {
        const text = isUpper ? ids[id]!.toUpperCase() : ids[id]!;
        return [text, date, category, name, quantity, amounts].join(',');
      });
      const upload = numberedUpload(++run);
      const parsed = await parseAll(upload, [Buffer.from([HEADER, ...lines].join('\n'))], SETTINGS);
      const judge = new Judge();
      for (const batch of parsed.batches) judge.add(batch);
      const { rowsRead, rowsNew, rowsDuplicate, rowsConflicting, rowsRejected, conflicting } =
        judge.verdicts[0]!;
      const places = new Map(parsed.batches.map((batch) => [batch, order.next().value!]));
      const shuffled = parsed.batches.toSorted((one, other) => places.get(one)! - places.get(other)!);
      for (const batch of shuffled) await load(loader, batch);
      const uploads = await database.rows(
        `SELECT rows_read::int AS read, rows_inserted::int AS inserted, rows_duplicate::int AS duplicate,
           rows_conflicting::int AS conflicting, rows_rejected::int AS rejected
         FROM ledger.uploads WHERE upload_id = $1`,
        [upload.uploadId],
      );
      expect(uploads).toEqual([
        {
          read: rowsRead,
          inserted: rowsNew,
          duplicate: rowsDuplicate,
          conflicting: rowsConflicting,
          rejected: rowsRejected,
        },
      ]);
      const found = await database.rows(
        `SELECT o.line, t.line AS "firstLine" FROM ledger.other_versions AS o JOIN transactions AS t USING (id)
         WHERE o.upload_id = $1 AND o.fate = 'conflict' ORDER BY o.line`,
        [upload.uploadId],
      );
      expect(found).toEqual(conflicting);
    }),
    { numRuns: RUNS },
  );
}, 60_000);
