import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchOf, load, numberedUpload } from '../../support/batches.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const NOW = new Date().toISOString();
const row = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Soap,1,1.00,1.20\n`;

let cloud: TestCloud;
let owner: pg.Client;
let loader: pg.Client;
beforeAll(async () => {
  cloud = await TestCloud.start();
  owner = await cloud.connectAs('retail_migrator');
  loader = await cloud.connectAs('retail_loader');
});
afterAll(async () => {
  await Promise.all([owner, loader].map((client) => client?.end()));
  await cloud?.stop();
});

const verify = () => cloud.cloud.invoke('verify');

async function logged(): Promise<Record<string, unknown>[]> {
  const lines = (await cloud.logs('verify')).filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

/** Values of a metric that the verifier logged, in the order of its runs. */
async function metrics(name: string): Promise<unknown[]> {
  return (await logged()).filter((line) => name in line).map((line) => line[name]);
}

const errors = async () => (await logged()).filter(({ level }) => level === 'ERROR');

test('reports the number of checked uploads and no difference after successful loads', async () => {
  await cloud.load('incoming/store=main/retail_01_06_2024.csv', HEADER + row(1) + row(2) + row(2));
  await cloud.load('incoming/store=main/retail_02_06_2024.csv', `${HEADER}not a row\n${row(3)}`);
  await cloud.load('incoming/store=main/retail_03_06_2024.csv', '');
  expect(await verify()).toEqual({ uploadsChecked: 3, differences: [], stuckUploads: 0, missingFiles: [] });
  await expect.poll(() => metrics('LedgerDifferences')).toEqual([0]);
  expect(await metrics('StuckUploads')).toEqual([0]);
  expect(JSON.parse(await cloud.object('checks/verify.json'))).toEqual({
    version: 1,
    finishedAt: expect.any(String),
    counts: { uploads: 3, rows: 5, differences: 0, stuck: 0, stores: 0, missing: 0 },
    findings: [],
    moreFindings: 0,
  });
  expect(await errors()).toEqual([]);
});

test('a row deleted by hand is a difference, an error in the log, and a metric', async () => {
  const csv = HEADER + row(10) + row(11);
  const key = 'incoming/store=main/retail_04_06_2024.csv';
  const { uploadId } = await cloud.load(key, csv);
  await owner.query("DELETE FROM transactions WHERE id = '00000000-0000-4000-8000-000000000010'");
  const difference = { uploadId, key, text: '2 rows were inserted, and the table has 1 of them' };
  expect(await verify()).toEqual({
    uploadsChecked: 4,
    differences: [difference],
    stuckUploads: 0,
    missingFiles: [],
  });
  const finding = { kind: 'difference', store: 'main', fileName: 'retail_04_06_2024.csv' };
  expect(JSON.parse(await cloud.object('checks/verify.json'))).toMatchObject({
    counts: { uploads: 4, rows: 7, differences: 1 },
    findings: [{ ...finding, uploadId, text: difference.text }],
  });
  await expect.poll(errors).toMatchObject([{ message: 'ledger and table differ', ...difference }]);
  await expect.poll(() => metrics('LedgerDifferences')).toEqual([0, 1]);
  const [metric] = (await logged()).filter((line) => line.LedgerDifferences === 1);
  expect(metric).toMatchObject({ _aws: { CloudWatchMetrics: [{ Namespace: 'RetailPipeline/dev' }] } });
  await owner.query(
    `INSERT INTO transactions
       (id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax, upload_id, line)
     VALUES ('00000000-0000-4000-8000-000000000010', '2024-06-04', 'SELL', 'Soap', 1, 1, 1.2, $1, 2)`,
    [uploadId],
  );
  expect(await verify()).toMatchObject({ differences: [] });
});

test('rows of an upload that the ledger does not know are a difference', async () => {
  const unknown = 'ffffffff-ffff-4fff-bfff-ffffffffffff';
  const key = 'incoming/store=main/retail_05_06_2024.csv';
  const { uploadId } = await cloud.load(key, HEADER + row(20) + row(21));
  await owner.query('UPDATE transactions SET upload_id = $1 WHERE upload_id = $2', [unknown, uploadId]);
  expect(await verify()).toMatchObject({
    differences: [
      { uploadId, key, text: '2 rows were inserted, and the table has 0 of them' },
      {
        uploadId: unknown,
        key: '',
        text: 'rows of the table have this upload id, but the ledger has no such upload',
      },
    ],
  });
  await owner.query('UPDATE transactions SET upload_id = $2 WHERE upload_id = $1', [unknown, uploadId]);
  expect(await verify()).toMatchObject({ differences: [] });
});

test('an upload without progress for longer than the limit is counted as stuck', async () => {
  const upload = numberedUpload(900, { receivedAt: NOW });
  await load(loader, batchOf(upload, 1, { ids: [30] }));
  expect(await verify()).toMatchObject({ differences: [], stuckUploads: 0, missingFiles: [] });
  const sql = `UPDATE ledger.uploads SET moved_at = now() - interval '1 day' WHERE upload_id = $1`;
  await owner.query(sql, [upload.uploadId]);
  expect(await verify()).toMatchObject({ differences: [], stuckUploads: 1 });
  await expect.poll(async () => (await metrics('StuckUploads')).at(-1)).toBe(1);
  await load(loader, batchOf(upload, 2, { closing: { rowsRead: 1 } }));
  expect(await verify()).toMatchObject({ stuckUploads: 0, missingFiles: [] });
});

test('every upload of the configured days is checked, however many there are, and no earlier one', async () => {
  const { uploadsChecked } = (await verify()) as { uploadsChecked: number };
  const uploads = Array.from({ length: 250 }, (_, index) =>
    numberedUpload(1_000 + index, { receivedAt: NOW }),
  );
  const early = numberedUpload(2_000, { receivedAt: '2020-01-01T00:00:00Z' });
  for (const upload of [...uploads, early]) {
    await load(loader, batchOf(upload, 1, { ids: [Number(upload.versionId)], closing: { rowsRead: 1 } }));
  }
  expect(await verify()).toEqual({
    uploadsChecked: uploadsChecked + 250,
    differences: [],
    stuckUploads: 0,
    missingFiles: [],
  });
  const tampered = [uploads[0]!, uploads[120]!, uploads[249]!, early].map(({ uploadId }) => uploadId);
  await owner.query('DELETE FROM transactions WHERE upload_id = ANY ($1)', [tampered]);
  const { differences } = (await verify()) as { differences: { uploadId: string }[] };
  expect(differences.map(({ uploadId }) => uploadId)).toEqual(tampered.slice(0, 3));
});
