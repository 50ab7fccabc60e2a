import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainOtherVersion } from '../../../cli/local-access.ts';
import { listUploads } from '../../../lambdas/shared/list-uploads.ts';
import { DataDirectory } from '../../../local/data-directory.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax\n';
const row = (number: number) =>
  `00000000-0000-4000-8000-${String(number).padStart(12, '0')},SELL,Soap,1,1.00,1.20\n`;

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud?.stop());

const allRows = () => cloud.rows('SELECT * FROM transactions ORDER BY id');

test('the statements of docs/restore.md rename a database, and the bucket rebuilds it row by row', async () => {
  const put = await cloud.put('incoming/store=main/retail_01_06_2024.csv', HEADER + row(1) + row(2));
  await cloud.waitFor(put);
  const before = await allRows();
  expect(before).toHaveLength(2);

  const text = await readFile(new URL('../../../docs/restore.md', import.meta.url), 'utf8');
  const statements = [...text.matchAll(/^sql '(.+)'$/gm)].map(([, statement]) => statement!);
  expect(statements).toHaveLength(3);
  const owner = await cloud.connectAs('retail_migrator');
  for (const statement of statements) await owner.query(statement);
  await cloud.cloud.invoke('migrate');
  expect(await allRows()).toEqual([]);

  for await (const { objects } of listUploads(cloud.s3, cloud.client.bucket)) {
    for (const object of objects) await cloud.client.announce(object);
  }
  await cloud.waitFor(put);
  expect(await allRows()).toEqual(before);
  expect(await cloud.cloud.invoke('verify')).toMatchObject({ differences: [] });

  // The tax rate changed: the new reading rejects the row on line 3.
  const { uploadId, key } = put;
  await owner.query('DELETE FROM transactions WHERE line = 3');
  await owner.query('UPDATE ledger.uploads SET rows_inserted = 1, rows_rejected = 1');
  await owner.query('UPDATE ledger.batches SET rows_inserted = 1, rows_rejected = 1');
  await owner.query(
    `INSERT INTO ledger.rejected_rows SELECT upload_id, 3, '', 'tax-mismatch', '', '' FROM ledger.uploads`,
  );
  const loss =
    '1 rows that an earlier reading of the same file inserted are refused now, and 1 of them are not in the table';
  expect(await cloud.cloud.invoke('verify')).toMatchObject({ differences: [{ uploadId, key, text: loss }] });
  expect(await allRows()).toEqual(before.slice(0, 1));
  await owner.end();
});

test('a database whose migrations are not those of this release is refused, with the commands that rebuild it', async () => {
  const owner = await cloud.connectAs('retail_migrator');
  await owner.query(
    `UPDATE ledger.migrations SET file_name = 'migrations/0001_tables.sql' WHERE starts_with(file_name, 'migrations/0001')`,
  );
  await owner.end();
  const error: unknown = await cloud.cloud.invoke('migrate').catch((thrown: unknown) => thrown);
  expect(String(error)).toMatch(
    /which has migrations\/0001_tables\.sql with another name .*docs\/restore\.md/,
  );
  const explained = (databaseUrl?: string) =>
    (explainOtherVersion(error, { directory: new DataDirectory('data'), databaseUrl }) as Error).message;
  expect(explained()).toMatch(
    /made \S+\/data\/postgres\. Nothing was changed\..*\nmv (\S+)\/postgres \1\/postgres\.former\n.*replay --all --data-dir \1$/,
  );
  expect(explained('postgresql://me:secret@host/')).toMatch(
    /\npsql .*RENAME TO retail_former'\n.*replay --all/,
  );
  expect(explained('postgresql://me:secret@host/')).not.toContain('secret');
});
