import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LedgerEntry, readUploads } from '../../../cli/ledger.ts';
import { addTax, parseCents } from '../../../lambdas/core/money.ts';
import { FAILURE_CODES, REJECT_CODES } from '../../../lambdas/core/reject-codes.ts';
import type { Findings } from '../../../lambdas/core/row-batch.ts';
import { buildUploadKey } from '../../../lambdas/core/upload-key.ts';
import { CORPUS_DIR, expectedPath, makeCorpus, writtenCorpus } from '../../corpus/make/corpus.ts';
import type { Expected } from '../../corpus/make/expected.ts';
import { corpusTable, TABLE } from '../../corpus/make/table.ts';
import { SUBJECTS } from '../../corpus/situations/index.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const TIMEOUT_MILLISECONDS = 60_000;
/** No content of a file is the cause of these. */
const CAUSED_BY_OTHERS = ['key-invalid', 'object-gone', 'archive-too-large', 'column-unknown'];

const corpus = makeCorpus();

describe('the corpus', () => {
  test('is what npm run corpus writes', async () => {
    const written = writtenCorpus(corpus);
    const found = await Promise.all(
      Object.keys(SUBJECTS).map(async (folder) =>
        (await readdir(join(CORPUS_DIR, folder))).map((name) => `${folder}/${name}`),
      ),
    );
    expect(found.flat().sort()).toEqual([...written.keys()].sort());
    for (const [path, bytes] of written) {
      expect(bytes.equals(await readFile(join(CORPUS_DIR, path))), `${path}: npm run corpus`).toBe(true);
    }
  });

  test('is the table of the data contract', async () => {
    const contract = await readFile(new URL('../../../docs/data-contract.md', import.meta.url), 'utf8');
    expect(TABLE.exec(contract)?.[2], 'npm run corpus writes it').toBe(corpusTable(corpus));
  });

  test('has a file for every code that a file can cause', () => {
    const codes = corpus.flatMap(({ expected: { failure, rejected } }) => [
      failure,
      ...rejected.map(({ code }) => code),
    ]);
    for (const code of Object.keys({ ...REJECT_CODES, ...FAILURE_CODES })) {
      if (!CAUSED_BY_OTHERS.includes(code)) expect(codes).toContain(code);
    }
  });

  test('expects ids that are unique, and amounts whose tax is right', () => {
    const rows = corpus.flatMap(({ expected }) => expected.rows);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(new Set(corpus.map(({ path }) => expectedPath(path))).size).toBe(corpus.length);
    for (const { id, amountExclTax, amountIncTax } of rows) {
      expect(parseCents(amountIncTax), id).toBe(addTax(parseCents(amountExclTax), 2_000));
    }
  });
});

describe('a file as it comes, dropped', () => {
  let cloud: TestCloud;
  let outcomes: ReadonlyMap<string, LedgerEntry>;

  beforeAll(async () => {
    cloud = await TestCloud.start();
    outcomes = await dropAll(cloud);
  }, TIMEOUT_MILLISECONDS * 2);
  afterAll(() => cloud?.stop());

  const rowsOf = (uploadId: string) =>
    cloud.rows(
      `SELECT line, id, transaction_date::text AS date, category, name, quantity,
              amount_excl_tax::text AS "amountExclTax", amount_inc_tax::text AS "amountIncTax"
       FROM transactions WHERE upload_id = $1 ORDER BY line`,
      [uploadId],
    );
  const rejectedOf = (uploadId: string) =>
    cloud.rows(
      'SELECT line, column_name AS "column", code FROM ledger.rejected_rows WHERE upload_id = $1 ORDER BY line',
      [uploadId],
    );
  const findingsOf = async (uploadId: string) =>
    (
      await cloud.rows<{ found: Findings | null }>('SELECT found FROM ledger.uploads WHERE upload_id = $1', [
        uploadId,
      ])
    )[0]?.found ?? null;

  test.each(corpus.map(({ path }) => path))('%s becomes what stands beside it', async (path) => {
    const expected: Expected = JSON.parse(readFileSync(join(CORPUS_DIR, expectedPath(path)), 'utf8'));
    const entry = outcomes.get(path);
    expect(entry, `${path} came to no end: ${cloud.problems.map(({ message }) => message)}`).toBeDefined();
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
    const found = await findingsOf(entry!.uploadId);
    if (expected.status === 'complete') expect(found).toEqual(expected.found);
    else expect(found ?? {}).toMatchObject(knownOf(expected.found, found ?? {}));
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
function knownOf(expected: Findings, found: Findings): Findings {
  return Object.fromEntries(Object.entries(expected).filter(([name]) => name in found));
}

/** Drops every file under a store of its own. @returns those that came to their end, by their paths */
async function dropAll({ client }: TestCloud): Promise<ReadonlyMap<string, LedgerEntry>> {
  const puts = await Promise.all(
    corpus.map(async ({ path, expected }) => {
      const storeId = path.replace(/\..*$/, '').replace('/', '.');
      const key = buildUploadKey({ storeId, fileName: expected.key });
      return [path, (await client.putFile(join(CORPUS_DIR, path), key, () => undefined)).uploadId] as const;
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
