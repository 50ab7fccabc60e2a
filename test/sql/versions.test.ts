import fc from 'fast-check';
import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RowBatch, Upload } from '../../lambdas/core/row-batch.ts';
import { type DecisionFact, judgeVersions, placeOf, type Version } from '../../tools/chaos/version-model.ts';
import { batchOf, load, numberedUpload, uuid } from '../support/batches.ts';
import { decisionOf, loadFully } from '../support/decisions.ts';
import { TestDatabase } from '../support/test-database.ts';

const RUNS = 60;
const TIMES = ['2024-03-01T00:00:00.000Z', '2024-03-02T00:00:00.000Z', '2024-03-03T00:00:00.000Z'];
const LATER = ['2024-03-02T12:00:00.000Z', '2024-03-03T12:00:00.000Z', '2024-03-04T12:00:00.000Z'];
const CONNECTIONS = 3;

let database: TestDatabase;
let loaders: pg.Client[];
let owner: pg.Client;
beforeAll(async () => {
  database = await TestDatabase.create();
  loaders = await Promise.all(Array.from({ length: CONNECTIONS }, () => database.connectAs('retail_loader')));
  owner = await database.connectAs('retail_migrator');
});
afterAll(() => database?.drop());

const row = fc.record({ id: fc.integer({ min: 1, max: 5 }), name: fc.constantFrom('Soap', 'Tea') });
const file = fc.record({
  time: fc.constantFrom(...TIMES),
  store: fc.constantFrom('main', 'oslo'),
  batches: fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
  readings: fc.constantFrom(1, 1, 2),
});
type MadeUpFile = typeof file extends fc.Arbitrary<infer Value> ? Value : never;
const decision = fc.record({
  kind: fc.constantFrom('retract', 'restate', 'restate'),
  time: fc.constantFrom(...LATER),
  target: fc.nat({ max: 3 }),
  lines: fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), { nil: undefined }),
});
const history = fc.record({
  files: fc.array(file, { minLength: 2, maxLength: 4 }),
  decisions: fc.array(decision, { maxLength: 4 }),
  /** Decides the order of everything. */
  order: fc.infiniteStream(fc.nat({ max: 1_000_000 })),
  isConcurrent: fc.boolean(),
});

let run = 0;

test('whatever the order, each id has the version that the rule makes valid, and every row is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ files, decisions, order, isConcurrent }) => {
      const base = ++run * 1_000;
      const { messages, versions } = makeFiles(files, base);
      const facts: DecisionFact[] = [];
      for (const [index, { kind, time, target, lines }] of decisions.entries()) {
        const upload = numberedUpload(base + (target % files.length), {});
        const some = kind === 'retract' ? undefined : lines;
        const batch = decisionOf(base + index, { kind, time, ...(some && { lines: some }) } as never, upload);
        messages.push(batch);
        const { key, versionId, receivedAt } = batch.upload;
        const place = `${key} ${versionId}`;
        facts.push({ kind, key: upload.key, versionId: upload.versionId, lines: some, place, receivedAt });
      }
      // Everything arrives in any order, some of it twice, while decisions make their steps.
      const events = [
        ...messages.map((message) => (client: pg.Client) => load(client, message)),
        ...messages
          .filter(() => order.next().value! % 4 === 0)
          .map((m) => (client: pg.Client) => load(client, m)),
        ...files.map((_, index) => () => takeStep(numberedUpload(base + index), 1 + (index % 3))),
      ]
        .map((play) => ({ play, place: order.next().value! }))
        .sort((a, b) => a.place - b.place);
      const size = isConcurrent ? CONNECTIONS : 1;
      for (let start = 0; start < events.length; start += size) {
        const together = events.slice(start, start + size);
        await Promise.all(together.map(({ play }, index) => play(loaders[index]!)));
      }
      for (const message of messages) await loadFully(loaders[0]!, message);
      await expectRule(base, versions, facts);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

function makeFiles(files: readonly MadeUpFile[], base: number) {
  const messages: RowBatch[] = [];
  const versions: Omit<Version, 'reading'>[] = [];
  for (const [index, { time, store, batches, readings }] of files.entries()) {
    for (let reading = 0; reading < readings; reading++) {
      const upload = numberedUpload(base + index, {
        receivedAt: time,
        storeId: store,
        ...(reading === 1 && { uploadId: uuid(base + 500 + index), revision: 'r2' }),
      });
      let line = 0;
      for (const [at, rows] of batches.entries()) {
        const numbered = rows.map(({ id, name }) => ({ id: base + id, line: ++line, name }));
        const isLast = at === batches.length - 1;
        const closing = isLast ? { closing: { rowsRead: batches.flat().length } } : {};
        messages.push(batchOf(upload, at + 1, { rows: numbered, ...closing }));
        for (const { id, line: ownLine, name } of numbered) {
          const { uploadId, key, versionId } = upload;
          const content = `${store} ${name}`;
          versions.push({ id: uuid(id), content, uploadId, line: ownLine, key, versionId, receivedAt: time });
        }
      }
    }
  }
  return { messages, versions };
}

async function takeStep({ bucket, key, versionId }: Upload, rows: number): Promise<void> {
  await owner.query('SELECT ledger.continue_decisions($1, $2, $3, $4)', [bucket, key, versionId, rows]);
}

async function expectRule(
  base: number,
  versions: readonly Omit<Version, 'reading'>[],
  facts: readonly DecisionFact[],
): Promise<void> {
  const bounds = [uuid(base), uuid(base + 999)];
  const readings = await database.rows<{ upload_id: string; reading: string }>(
    `SELECT upload_id, started_at::text || upload_id AS reading FROM ledger.uploads
     WHERE upload_id BETWEEN $1 AND $2`,
    bounds,
  );
  const readingOf = new Map(readings.map(({ upload_id, reading }) => [upload_id, reading]));
  const ranked = versions.map((version) => ({ ...version, reading: readingOf.get(version.uploadId)! }));

  const found = await database.rows<{ place: string; fate: string }>(
    `SELECT upload_id || ' ' || line AS place, 'inserted' AS fate FROM transactions WHERE id BETWEEN $1 AND $2
     UNION ALL SELECT upload_id || ' ' || line, fate FROM ledger.other_versions WHERE id BETWEEN $1 AND $2`,
    bounds,
  );
  expect(new Map(found.map(({ place, fate }) => [place, fate]))).toEqual(judgeVersions(ranked, facts));
  const contents = await database.rows<{ place: string; content: string }>(
    `SELECT upload_id || ' ' || line AS place, store_id || ' ' || name AS content FROM transactions
     WHERE id BETWEEN $1 AND $2`,
    bounds,
  );
  const byPlace = new Map(versions.map((version) => [placeOf(version), version.content]));
  for (const { place, content } of contents) expect(content).toBe(byPlace.get(place));

  const wrong = await database.rows(
    `SELECT v.* FROM ledger.verify('-infinity', $1, 1000) AS v WHERE v.differences <> '{}'`,
    [uuid(base - 1)],
  );
  expect(wrong).toEqual([]);
  expect(
    await database.rows(`SELECT upload_id, status FROM ledger.uploads WHERE status <> 'complete'`),
  ).toEqual([]);

  for (const moment of [...TIMES, ...LATER]) {
    const { rows } = await owner.query(
      `SELECT a.upload_id || ' ' || a.line AS place FROM reporting.transactions_as_of($3) AS a
       WHERE a.id::uuid BETWEEN $1 AND $2`,
      [...bounds, moment],
    );
    const valid = [...judgeVersions(ranked, facts, moment)].flatMap(([place, fate]) =>
      fate === 'inserted' ? [place] : [],
    );
    expect(rows.map(({ place }) => place).sort(), moment).toEqual(valid.sort());
  }
}
