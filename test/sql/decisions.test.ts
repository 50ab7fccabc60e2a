import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudClient } from '../../cli/cloud-client.ts';
import { addDecisions, findRefusedDecisions } from '../../cli/decisions.ts';
import type { LedgerEntry } from '../../cli/ledger.ts';
import type { Decision } from '../../lambdas/core/decision.ts';
import { encodeMessage, type Upload } from '../../lambdas/core/row-batch.ts';
import type { Query } from '../../lambdas/shared/data-api.ts';
import { findStuckUploads } from '../../lambdas/shared/verification.ts';
import { batchOf, load, loadText, numberedUpload, uuid } from '../support/batches.ts';
import { decisionOf, loadFully } from '../support/decisions.ts';
import { queryOn, TestDatabase } from '../support/test-database.ts';

let database: TestDatabase;
let loaders: pg.Client[];
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loaders = await Promise.all(Array.from({ length: 4 }, () => database.connectAs('retail_loader')));
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());

const upload = (number: number, changes: Partial<Upload> = {}) => numberedUpload(number, changes);
const LATER = '2024-03-01T00:00:00.000Z';
const decide = (
  number: number,
  kind: Decision['kind'],
  about: Upload,
  rest: Pick<Decision, 'lines' | 'force'> = {},
  closeAfterDays?: number,
) => decisionOf(number, { kind, time: LATER, ...rest }, about, closeAfterDays);

async function countsOf({ uploadId }: Pick<Upload, 'uploadId'>): Promise<Record<string, unknown>> {
  const [row] = await database.rows(
    `SELECT status, failure_code AS failure, rows_inserted::int AS inserted, rows_duplicate::int AS duplicate,
            rows_conflicting::int AS conflicting, rows_retracted::int AS retracted, rows_replaced::int AS replaced
     FROM ledger.uploads WHERE upload_id = $1`,
    [uploadId],
  );
  return row!;
}

async function expectVerified(): Promise<void> {
  const sql = "SELECT * FROM ledger.verify('-infinity', $1, 10000) WHERE differences <> '{}'";
  expect(await database.rows(sql, ['00000000-0000-0000-0000-000000000000'])).toEqual([]);
}

test('a decision that waits or was refused is named with its file, reason and person', async () => {
  const query = queryOn(await database.connectAs('retail_operator'));
  const client = { query } as Partial<CloudClient> as CloudClient;
  const about = upload(900);
  const waiting = decide(900, 'retract', about);
  await loadFully(loaders[0]!, waiting);
  await owner.query("UPDATE ledger.uploads SET moved_at = '2024-03-01' WHERE upload_id = $1", [
    waiting.upload.uploadId,
  ]);
  const rows: Query = async (sql, parameters) =>
    (await query(sql, parameters)).map((row) => Object.values(row).map(String));
  const { differences } = await findStuckUploads(rows, 60);
  expect(differences).toEqual([
    {
      uploadId: waiting.upload.uploadId,
      key: waiting.upload.key,
      text: `is not applied since 2024-03-01 00:00 UTC: the decision to retract ${about.key}, which may not be loaded`,
    },
  ]);
  const entry = waiting.upload as unknown as LedgerEntry;
  const decision = { kind: 'retract', file: about.key, reason: 'A test.', by: 'tester', state: 'waiting' };
  expect(await addDecisions(client, [entry, about as unknown as LedgerEntry])).toEqual([
    { ...entry, decision },
    about,
  ]);
  await load(loaders[0]!, batchOf(about, 1, { ids: [9_000], closing: { rowsRead: 1 } }));
  await loadFully(loaders[0]!, waiting);
  expect((await addDecisions(client, [entry]))[0]).toMatchObject({ decision: { state: 'done' } });

  const closed = upload(910);
  await load(loaders[0]!, batchOf(closed, 1, { ids: [9_100], closing: { rowsRead: 1 } }));
  const refused = decide(910, 'retract', closed, {}, 59);
  await loadFully(loaders[0]!, refused);
  expect(await findRefusedDecisions(client)).toEqual([
    {
      uploadId: '',
      key: refused.upload.key,
      text: `the decision of tester to retract ${closed.key} ("A test.") was refused, since it changes rows of closed days`,
    },
  ]);
  const forced = decisionOf(
    911,
    { kind: 'retract', time: '2024-03-02T00:00:00.000Z', force: true },
    closed,
    59,
  );
  await loadFully(loaders[0]!, forced);
  expect(await findRefusedDecisions(client)).toEqual([]);
});

test('a decision waits until its file is loaded, and the last batch of the file applies it', async () => {
  const [file, other] = [upload(100), upload(101)];
  const retraction = decide(100, 'retract', file);
  expect(await loadFully(loaders[0]!, retraction)).toMatchObject({ more: false });
  expect(await countsOf(retraction.upload)).toMatchObject({ status: 'loading' });
  await loadFully(loaders[0]!, batchOf(other, 1, { ids: [1_001], closing: { rowsRead: 1 } }));
  await loadFully(loaders[0]!, batchOf(file, 1, { ids: [1_000, 1_001] }));
  expect(await countsOf(file)).toMatchObject({ status: 'loading', retracted: 0 });
  const last = batchOf(file, 2, { ids: [1_002], closing: { rowsRead: 3 } });
  expect(await load(loaders[0]!, last)).toMatchObject({ more: true });
  await loadFully(loaders[0]!, last);
  expect(await countsOf(file)).toMatchObject({ status: 'complete', inserted: 0, retracted: 3 });
  expect(await countsOf(other)).toMatchObject({ inserted: 1 });
  expect(await countsOf(retraction.upload)).toMatchObject({ status: 'complete' });
});

test('a batch that is being loaded while its file is retracted is retracted too', async () => {
  const first = upload(200);
  await load(loaders[0]!, batchOf(first, 1, { ids: [2_000], closing: { rowsRead: 1 } }));
  const again = upload(200, { uploadId: uuid(201), revision: 'r2' });
  await loaders[0]!.query('BEGIN');
  await load(loaders[0]!, batchOf(again, 1, { ids: [2_001] }));
  const retracting = loadFully(loaders[1]!, decide(200, 'retract', first));
  await owner.query('SELECT pg_sleep(0.2)');
  await loaders[0]!.query('COMMIT');
  await retracting;
  expect(await countsOf(again)).toMatchObject({ inserted: 0, retracted: 1 });
  await load(loaders[0]!, batchOf(again, 2, { ids: [2_002], closing: { rowsRead: 2 } }));
  expect(await countsOf(again)).toMatchObject({ status: 'complete', inserted: 0, retracted: 2 });
  await expectVerified();
});

test('a decision is applied in steps, and continues where it was interrupted', async () => {
  const [file, other] = [upload(300), upload(301, { receivedAt: '2024-01-02T00:00:00Z' })];
  const ids = Array.from({ length: 50 }, (_, index) => 3_000 + index);
  await load(loaders[0]!, batchOf(file, 1, { ids, closing: { rowsRead: 50 } }));
  await load(loaders[0]!, batchOf(other, 1, { ids, name: 'Tea', closing: { rowsRead: 50 } }));
  for (const [number, kind, about] of [
    [300, 'restate', other],
    [301, 'retract', other],
  ] as const) {
    const batch = decide(number, kind, about);
    await load(loaders[0]!, batch);
    const changed = [0];
    const step = 'SELECT ledger.continue_decisions($1, $2, $3, 20) AS more';
    for (let more = true; more; ) {
      ({ more } = (await owner.query(step, ['bucket', about.key, about.versionId])).rows[0]);
      changed.push(Number((await countsOf(other))[kind === 'retract' ? 'retracted' : 'inserted']));
    }
    expect(changed.at(-1)).toBe(50);
    for (let step = 1; step < changed.length; step++) {
      expect(changed[step]! - changed[step - 1]!).toBeLessThanOrEqual(20);
    }
    expect(await countsOf(batch.upload)).toMatchObject({ status: 'complete' });
  }
  expect(await countsOf(file)).toMatchObject({ inserted: 50, replaced: 0 });
  await expectVerified();
});

test.each([
  ['retract', 400],
  ['restate', 410],
] as const)('a decision to %s rows of a closed day is refused unless it is forced', async (kind, number) => {
  const [first, second] = [upload(number), upload(number + 1, { receivedAt: '2024-01-02T00:00:00Z' })];
  const id = number * 10;
  await load(loaders[0]!, batchOf(first, 1, { ids: [id], closing: { rowsRead: 1 } }));
  await load(loaders[0]!, batchOf(second, 1, { ids: [id, id + 1], name: 'Tea', closing: { rowsRead: 2 } }));
  const before = [await countsOf(first), await countsOf(second)];
  // Rows of 1 January, decided on 1 March: 60 days later.
  const refused = decide(number, kind, second, {}, 59);
  await loadFully(loaders[0]!, refused);
  expect(await countsOf(refused.upload)).toMatchObject({ status: 'failed', failure: 'period-closed' });
  expect([await countsOf(first), await countsOf(second)]).toEqual(before);
  for (const [next, allowed] of [
    decide(number + 1, kind, second, {}, 60),
    decide(number + 2, kind, second, { force: true }, 0),
  ].entries()) {
    await loadFully(loaders[0]!, allowed);
    expect(await countsOf(allowed.upload), String(next)).toMatchObject({ status: 'complete' });
  }
  expect(await countsOf(second)).toMatchObject(kind === 'retract' ? { retracted: 2 } : { inserted: 2 });
  await expectVerified();
});

test('a decision to waive rejected rows is kept at once, with its lines', async () => {
  const batch = decide(500, 'waive', upload(500), { lines: [7, 3, 4] });
  await loadFully(loaders[0]!, batch);
  const sql = 'SELECT kind, state, lines::text FROM ledger.decisions WHERE version_id = $1';
  expect(await database.rows(sql, ['500'])).toEqual([
    { kind: 'waive', state: 'done', lines: '{[3,5),[7,8)}' },
  ]);
  expect(await countsOf(batch.upload)).toMatchObject({ status: 'complete' });
});

test('the same decision again, or by another revision of the parser, changes nothing', async () => {
  const file = upload(600);
  await load(loaders[0]!, batchOf(file, 1, { ids: [6_000], closing: { rowsRead: 1 } }));
  const batch = decide(600, 'retract', file);
  for (const revision of ['r1', 'r1', 'r2']) {
    const uploadId = uuid(revision === 'r1' ? 601 : 602);
    await loadFully(loaders[0]!, { ...batch, upload: { ...batch.upload, revision, uploadId } });
    expect(await countsOf({ uploadId })).toMatchObject({ status: 'complete' });
  }
  const sql = "SELECT count(*)::int AS count FROM ledger.decisions WHERE version_id = '600'";
  expect(await database.rows(sql)).toEqual([{ count: 1 }]);
});

test('batches that compare the same ids at the same time, in opposite order, do not deadlock', async () => {
  const ids = Array.from({ length: 300 }, (_, index) => 7_000 + index);
  const time = (number: number) => `2024-02-0${9 - (number % 8)}T00:00:00Z`;
  const batches = Array.from({ length: 24 }, (_, index) => {
    const shuffled = index % 2 === 0 ? ids : ids.toReversed();
    const file = upload(700 + index, { receivedAt: time(index) });
    return batchOf(file, 1, { ids: shuffled, name: `Tea ${index % 3}`, closing: { rowsRead: ids.length } });
  });
  await load(loaders[0]!, batches[0]!);
  const messages = [...batches, decide(700, 'restate', upload(705)), decide(701, 'retract', upload(706))];
  const waiting = messages.map(encodeMessage).values();
  await Promise.all(
    loaders.map(async (loader) => {
      for (const message of waiting) {
        while ((await loadText(loader, message)).more);
      }
    }),
  );
  const sql = `SELECT DISTINCT upload_id FROM transactions WHERE id BETWEEN $1 AND $2`;
  expect(await database.rows(sql, [uuid(7_000), uuid(7_299)])).toEqual([{ upload_id: uuid(705) }]);
  await expectVerified();
}, 60_000);
