import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { makeZip } from '../../../tools/make-zip.ts';
import { HEADER, openLocalShop } from '../../support/local-shop.ts';
import { startRetail } from '../../support/run-retail.ts';

/** The day on which the first of the files arrives at the earliest. */
const BEGUN = new Date().toISOString().slice(0, 10);
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const { dir, retail, file, pidOfUp } = openLocalShop();

describe('load', () => {
  test('prints the ledger as a JSON document and nothing else', async () => {
    const path = await file('retail_01_05_2024.csv', `${id(1)},SELL,Salt,1,1.00,1.20`);
    const { code, stdout } = await retail('load', path, '--store', 'oslo', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      uploads: [
        {
          uploadId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          bucket: expect.any(String),
          key: 'incoming/store=oslo/retail_01_05_2024.csv',
          versionId: expect.any(String),
          storeId: 'oslo',
          status: 'complete',
          rowsRead: 1,
          rowsInserted: 1,
          rowsDuplicate: 0,
          rowsConflicting: 0,
          rowsRejected: 0,
          rowsRetracted: 0,
          rowsReplaced: 0,
          rowsOpen: 0,
          receivedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
          startedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
          firstDay: '2024-05-01',
          lastDay: '2024-05-01',
          completedAt: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
          failureCode: null,
          failureMessage: null,
          format: expect.objectContaining({ delimiter: ',', encoding: 'UTF-8', headerLine: 1 }),
        },
      ],
    });
  });

  test('exits with 3 if rows were rejected, and shows them with their reasons', async () => {
    const path = await file(
      'retail_02_05_2024.csv',
      `${id(2)},SELL,Salt,1,1.00,1.20`,
      `${id(3)},SOLD,Salt,1,1.00,1.20`,
    );
    const { code, stdout } = await retail('load', path);
    expect(code).toBe(3);
    expect(stdout).toMatch(/retail_02_05_2024\.csv +main +2024-05-02 +complete +2 +1 +0 +0 +1/);
    expect(stdout).toContain('line 3, category: The category "SOLD" is not SELL or BUY.');
    expect(stdout).toMatch(/rejects [0-9a-f]{8} --csv retail_02_05_2024_corrected\.csv/);
  });

  test('waits for the files of an archive, and shows each as a separate upload', async () => {
    const member = (name: string, row: string) => ({ name, content: Buffer.from(`${HEADER}\n${row}\n`) });
    const path = join(dir, 'retail_04_05_2024.zip');
    await writeFile(
      path,
      makeZip([
        member('till-1.csv', `${id(4)},SELL,Salt,1,1.00,1.20`),
        member('till-2.csv', `${id(5)},SOLD,Salt,1,1.00,1.20`),
      ]),
    );
    const { code, stdout } = await retail('load', path, '--store', 'oslo');
    expect(code).toBe(3);
    expect(stdout).toMatch(/retail_04_05_2024\.zip +oslo +complete +0 +0 +0 +0 +0/);
    expect(stdout).toMatch(/till-1\.csv +oslo +2024-05-04 +complete +1 +1 +0 +0 +0/);
    expect(stdout).toMatch(/till-2\.csv +oslo +complete +1 +0 +0 +0 +1/);
    expect(stdout).toContain('zip of 2 files, each a separate upload');
  });

  test('exits with 1 if a file could not be parsed, and shows the reason', async () => {
    const path = join(dir, 'retail_03_05_2024.csv');
    await writeFile(path, 'a,b\n1,2\n');
    const { code, stdout } = await retail('load', path);
    expect(code).toBe(1);
    expect(stdout).toContain('column-missing');
  });
});

test('uploads filters by store, status and day', async () => {
  const files = async (...options: string[]) => {
    const { code, stdout } = await retail('uploads', '--json', ...options);
    expect(code).toBe(0);
    return JSON.parse(stdout).uploads.map(({ key }: { key: string }) => key.split('/').at(-1));
  };
  expect(await files('--store', 'oslo', '--limit', '1')).toHaveLength(1);
  expect((await files('--store', 'oslo'))[0]).toBe('retail_01_05_2024.csv');
  expect(await files('--status', 'failed')).toEqual(['retail_03_05_2024.csv']);
  expect(await files('--since', BEGUN, '--store', 'main', '--status', 'complete')).toEqual([
    'retail_02_05_2024.csv',
  ]);
  expect(await files('--since', '2999-01-01')).toEqual([]);
});

describe('export', () => {
  test('writes a file that is loaded again as duplicates, and refuses to overwrite one', async () => {
    const rows = [`${id(70)},SELL,=1+1,1,1.00,1.20`, `${id(71)},BUY,Tea,1,1.00,1.20`];
    await retail('load', await file('retail_11_05_2024.csv', ...rows), '--store', 'oslo');
    const path = join(dir, 'exported.csv');
    const period = ['--since', '2024-05-11', '--until', '2024-05-11'];
    const first = await retail('export', path, ...period, '--store', 'oslo');
    expect(first).toMatchObject({ code: 0, stdout: `Wrote 2 transactions to ${path}.\n` });
    const { stdout } = await retail('load', path, '--store', 'oslo', '--json');
    expect(JSON.parse(stdout).uploads).toMatchObject([{ rowsRead: 2, rowsDuplicate: 2, rowsConflicting: 0 }]);
    expect(await retail('export', path)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already exists'),
    });
    const parquet = await retail('export', join(dir, 'all.parquet'), ...period, '--json');
    expect(JSON.parse(parquet.stdout)).toMatchObject({ format: 'parquet', rows: 2 });
  });
});

describe('import-history', () => {
  test('loads a SQLite table, and changes nothing the second time', async () => {
    const path = join(dir, 'history.db');
    const database = new DatabaseSync(path);
    database.exec(`CREATE TABLE transactions (id TEXT, transaction_date TEXT, category TEXT, name TEXT, quantity BIGINT,
                     amount_excl_tax FLOAT, amount_inc_tax FLOAT);
                   INSERT INTO transactions VALUES ('${id(11)}', '2024-06-01', 'SELL', 'Ski', 3, 2399.97, 2879.96),
                     ('${id(12)}', '2024-06-02', 'BUY', 'Ski', 1, 0.1, 0.12), ('${id(13)}', '2024-06-02', 'SELL', 'Sled', 1, 5, 6)`);
    database.close();
    const first = JSON.parse((await retail('import-history', path, '--json')).stdout).uploads;
    expect(
      first.map(({ key, rowsInserted }: { key: string; rowsInserted: number }) => [key, rowsInserted]),
    ).toEqual([
      ['incoming/store=main/retail_01_06_2024_history.csv', 1],
      ['incoming/store=main/retail_02_06_2024_history.csv', 2],
    ]);
    const second = await retail('import-history', path, '--json');
    expect(second.code).toBe(0);
    const duplicates = JSON.parse(second.stdout).uploads.map(
      ({ rowsDuplicate }: { rowsDuplicate: number }) => rowsDuplicate,
    );
    expect(duplicates).toEqual([1, 2]);
    const balance = await retail('query', 'balance-by-date', '--param', 'product=Ski', '--json');
    expect(JSON.parse(balance.stdout)).toEqual([
      { transaction_date: '2024-06-01', balance: '2879.96' },
      { transaction_date: '2024-06-02', balance: '-0.12' },
    ]);
    const cumulated = await retail('query', 'cumulated-balance-by-date', '--param', 'product=Ski', '--json');
    expect(JSON.parse(cumulated.stdout).at(-1)).toEqual({
      transaction_date: '2024-06-02',
      cumulated_balance: '2879.84',
    });
  });

  test('names the existing tables if the requested one is missing', async () => {
    const path = join(dir, 'other.db');
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE sales (id TEXT)');
    database.close();
    const { code, stderr } = await retail('import-history', path);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('Its tables: sales') });
  });
});

test('a second instance on the same data directory is refused with the process id of the first', async () => {
  const { code, stderr } = await retail('up', '--port', '0', '--once');
  expect(code).toBe(1);
  expect(stderr).toContain(`in use by process ${pidOfUp()}`);
});

test('a reader that closes the pipe early, such as head, causes no error', async () => {
  const { child, outcome } = startRetail(['query']);
  child.stdout!.destroy();
  const { code, stderr } = await outcome;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
