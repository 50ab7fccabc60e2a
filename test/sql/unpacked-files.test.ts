import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudClient } from '../../cli/cloud-client.ts';
import { type LedgerEntry, readUnpacked } from '../../cli/ledger.ts';
import { buildUnpackedPrefix } from '../../lambdas/core/upload-key.ts';
import { computeFileId } from '../../lambdas/shared/upload-id.ts';
import { batchOf, load, numberedUpload } from '../support/batches.ts';
import { queryOn, TestDatabase } from '../support/test-database.ts';

/** Number of files that an archive may have. */
const FILES = 200;
const ARCHIVE = {
  bucket: 'bucket',
  key: 'incoming/store=main/tills.zip',
  versionId: 'v1',
  storeId: 'main',
} as LedgerEntry;
const PREFIX = buildUnpackedPrefix(ARCHIVE, computeFileId(ARCHIVE));

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.create();
});
afterAll(() => database?.drop());

test('every file of an archive is read in pages, in its newest reading', async () => {
  const loader = await database.connectAs('retail_loader');
  for (let number = 0; number < FILES; number++) {
    const key = `${PREFIX}Till-${number}.csv`;
    const upload = numberedUpload(number, { key });
    await load(loader, batchOf(upload, 1, { closing: { rowsRead: 0 } }));
    if (number % 10 !== 0) continue;
    const again = { ...upload, uploadId: numberedUpload(1_000 + number).uploadId, revision: 'r2' };
    await load(loader, batchOf(again, 1, { ids: [number], closing: { rowsRead: 1 } }));
  }
  await load(loader, batchOf(numberedUpload(5_000), 1, { closing: { rowsRead: 0 } }));
  let queries = 0;
  const query: CloudClient['query'] = async (sql, parameters) => {
    queries++;
    const rows = await queryOn(await database.connectAs('retail_operator'))(sql, parameters);
    expect(rows.length).toBeLessThanOrEqual(50);
    return rows;
  };
  const entries = await readUnpacked({ query } as Partial<CloudClient> as CloudClient, ARCHIVE);
  expect(queries).toBe(5);
  expect(new Set(entries.map(({ key }) => key)).size).toBe(FILES);
  expect(entries).toHaveLength(FILES);
  expect(entries.filter(({ rowsInserted }) => Number(rowsInserted) === 1)).toHaveLength(FILES / 10);
});
