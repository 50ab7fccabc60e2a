import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerEntry, readUploads } from '../../../cli/ledger.ts';
import type { FormatSummary } from '../../../lambdas/core/row-batch.ts';
import { buildUploadKey } from '../../../lambdas/core/upload-key.ts';
import { type Expected, makeCorpus, writeCorpus } from '../../corpus/make/corpus.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const TIMEOUT_MILLISECONDS = 60_000;

/** The stage has the rules of `cdk.json`. */
const corpus = makeCorpus().filter(({ expected }) => expected.rules === undefined);
const dir = temporaryDir();

describe('a file of the corpus, uploaded', () => {
  let cloud: TestCloud;
  let outcomes: ReadonlyMap<string, LedgerEntry>;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    outcomes = await dropAll(cloud);
  }, TIMEOUT_MILLISECONDS * 2);
  afterAll(() => cloud?.stop());

  const rowsOf = (uploadId: string) =>
    cloud.rows(
      `SELECT line, id, transaction_date::text AS date, category, name, quantity::float8 AS quantity,
              amount_excl_tax::text AS "amountExclTax", amount_inc_tax::text AS "amountIncTax"
       FROM transactions WHERE upload_id = $1 ORDER BY line`,
      [uploadId],
    );
  const rejectedOf = (uploadId: string) =>
    cloud.rows(
      'SELECT line, column_name AS "column", code FROM ledger.rejected_rows WHERE upload_id = $1 ORDER BY line',
      [uploadId],
    );
  const formatOf = async (uploadId: string) =>
    (
      await cloud.rows<{ format: FormatSummary | null }>(
        'SELECT format FROM ledger.uploads WHERE upload_id = $1',
        [uploadId],
      )
    )[0]?.format ?? null;

  test.each(corpus)('$path has its expected outcome', async ({ path, expected }) => {
    const entry = outcomes.get(path);
    expect(entry, `${path} did not finish: ${cloud.problems.map(({ message }) => message)}`).toBeDefined();
    // In one comparison, so that a difference shows all of it.
    expect({
      ...countsOf(entry!),
      rows: await rowsOf(entry!.uploadId),
      rejected: await rejectedOf(entry!.uploadId),
    }).toEqual({
      ...expectedCounts(expected),
      rows: expected.rows,
      rejected: expected.rejected,
    });
    const format = await formatOf(entry!.uploadId);
    if (expected.status === 'complete') expect(format).toEqual(expected.format);
    else expect(format ?? {}).toMatchObject(knownOf(expected.format, format ?? {}));
  });
});

function countsOf(entry: LedgerEntry) {
  const { status, failureCode, rowsRead, rowsInserted, rowsDuplicate, rowsConflicting, rowsRejected } = entry;
  return { status, failureCode, rowsRead, rowsInserted, rowsDuplicate, rowsConflicting, rowsRejected };
}

function expectedCounts({ status, failure, rows, duplicates, conflicts, rejected }: Expected) {
  return {
    status,
    failureCode: failure ?? null,
    rowsRead: rows.length + duplicates + conflicts + rejected.length,
    rowsInserted: rows.length,
    rowsDuplicate: duplicates,
    rowsConflicting: conflicts,
    rowsRejected: rejected.length,
  };
}

/** How much of a refused file is known is not promised; what is known is right. */
function knownOf(expected: FormatSummary, format: FormatSummary): FormatSummary {
  return Object.fromEntries(Object.entries(expected).filter(([name]) => name in format));
}

/** Uploads every file under its own store. @returns the ledger entries of those that finished, by path */
async function dropAll({ client }: TestCloud): Promise<ReadonlyMap<string, LedgerEntry>> {
  await writeCorpus(corpus, dir);
  const puts = await Promise.all(
    corpus.map(async ({ path, expected }) => {
      const storeId = path.replace(/\..*$/, '').replace('/', '.');
      const key = buildUploadKey({ storeId, fileName: expected.key });
      return [path, (await client.putFile(join(dir, path), key, () => undefined)).uploadId] as const;
    }),
  );
  const deadline = Date.now() + TIMEOUT_MILLISECONDS;
  for (;;) {
    const entries = await readUploads(
      client,
      puts.map(([, uploadId]) => uploadId),
    );
    const ended = new Map(
      entries.filter(({ status }) => status !== 'loading').map((entry) => [entry.uploadId, entry]),
    );
    if (ended.size === puts.length || Date.now() > deadline) {
      return new Map(
        puts.flatMap(([path, uploadId]) => (ended.has(uploadId) ? [[path, ended.get(uploadId)!]] : [])),
      );
    }
    await sleep(200);
  }
}
