import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateCsv } from '../../../tools/generator/generator.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const counts = (inserted: number, duplicate: number, conflicting: number, rejected: number) => ({
  rowsRead: inserted + duplicate + conflicting + rejected,
  rowsInserted: inserted,
  rowsDuplicate: duplicate,
  rowsConflicting: conflicting,
  rowsRejected: rejected,
});

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start();
});
afterAll(() => cloud?.stop());

describe('an uploaded file', () => {
  test('is in the table with exactly its content', async () => {
    const entry = await cloud.load(
      'incoming/store=berlin/retail_31_01_2024.csv',
      `${HEADER}\n${id(1)},SELL,"Tea, ""green"" 🍵",2,7.50,9.00\n${id(2)},BUY,Kettle,1,24.9,29.88\n`,
    );
    expect(entry).toMatchObject({ status: 'complete', storeId: 'berlin', ...counts(2, 0, 0, 0) });
    const rows = await cloud.rows(
      `SELECT id, transaction_date::text AS day, category, name, quantity, amount_excl_tax, amount_inc_tax, store_id, line
       FROM transactions WHERE upload_id = $1 ORDER BY line`,
      [entry.uploadId],
    );
    const common = { day: '2024-01-31', store_id: 'berlin' };
    expect(rows).toEqual([
      {
        ...common,
        id: id(1),
        category: 'SELL',
        name: 'Tea, "green" 🍵',
        quantity: '2.000',
        amount_excl_tax: '7.50',
        amount_inc_tax: '9.00',
        line: 2,
      },
      {
        ...common,
        id: id(2),
        category: 'BUY',
        name: 'Kettle',
        quantity: '1.000',
        amount_excl_tax: '24.90',
        amount_inc_tax: '29.88',
        line: 3,
      },
    ]);
  });

  test('may have columns in any order and case, spaces, a byte order mark, CRLF and a date column', async () => {
    const entry = await cloud.load(
      'incoming/any name + ünïcode.csv',
      `\ufeff Amount_Inc_Tax ,QUANTITY,Name,Category,extra,ID,transaction_date,amount_excl_tax\r\n` +
        `12.00, 1 ,Pen,SELL,x,${id(3)},2024-02-29,10\r\n`,
    );
    expect(entry).toMatchObject({ status: 'complete', storeId: 'main', ...counts(1, 0, 0, 0) });
    const rows = await cloud.rows(
      'SELECT transaction_date::text AS day, name FROM transactions WHERE id = $1',
      [id(3)],
    );
    expect(rows).toEqual([{ day: '2024-02-29', name: 'Pen' }]);
  });

  test('changes nothing when uploaded again: every row is a duplicate', async () => {
    const csv = `${HEADER}\n${id(10)},SELL,Cup,1,1.00,1.20\n${id(11)},SELL,Cup,1,1.00,1.20\n`;
    await cloud.load('incoming/store=main/retail_01_02_2024.csv', csv);
    const again = await cloud.load('incoming/store=main/retail_01_02_2024.csv', csv);
    expect(again).toMatchObject({ status: 'complete', ...counts(0, 2, 0, 0) });
  });

  test('keeps the first of two rows with the same id, and stores the other as a conflict', async () => {
    const row = (amounts: string) => `${HEADER}\n${id(20)},SELL,Cup,1,${amounts}\n`;
    await cloud.load('incoming/store=main/retail_02_02_2024.csv', row('1.00,1.20'));
    const second = await cloud.load('incoming/store=main/retail_02_02_2024_b.csv', row('2.00,2.40'));
    expect(second).toMatchObject({ status: 'complete', ...counts(0, 0, 1, 0) });
    expect(await cloud.rows('SELECT amount_inc_tax FROM transactions WHERE id = $1', [id(20)])).toEqual([
      { amount_inc_tax: '1.20' },
    ]);
    const aside = await cloud.rows('SELECT line, amount_inc_tax FROM ledger.other_versions WHERE id = $1', [
      id(20),
    ]);
    expect(aside).toEqual([{ line: 2, amount_inc_tax: '2.40' }]);
  });

  test('with many batches is complete, in whichever order they arrive', async () => {
    const csv = [...generateCsv({ rows: 60_000, seed: 5, date: '2024-03-01', days: 1, broken: 300 })].join(
      '',
    );
    const entry = await cloud.load('incoming/store=main/retail_01_03_2024.csv', csv);
    expect(entry).toMatchObject({ status: 'complete', ...counts(59_700, 0, 0, 300) });
    const [batches] = await cloud.rows<{ n: string; inserted: string }>(
      'SELECT count(*) AS n, sum(rows_inserted) AS inserted FROM ledger.batches WHERE upload_id = $1',
      [entry.uploadId],
    );
    expect(Number(batches!.n)).toBeGreaterThan(3);
    expect(batches!.inserted).toBe('59700');
    const stored = await cloud.rows('SELECT count(*)::int AS n FROM transactions WHERE upload_id = $1', [
      entry.uploadId,
    ]);
    expect(stored).toEqual([{ n: 59_700 }]);
  });
});

describe('a row that breaks a rule', () => {
  const bad = (first: number) => `${id(first + 1)},SELL,"Bread, dark",0,1.00,1.20`;
  const csv = (first: number) =>
    `${HEADER}\n${id(first)},SELL,Milk,1,1.00,1.20\n${bad(first)}\n${id(first + 2)},SELL,Jam,1,1.00,1.20\n`;

  test('does not stop the others, and is stored with line, column, code and text', async () => {
    const entry = await cloud.load('incoming/store=main/retail_05_03_2024.csv', csv(30));
    expect(entry).toMatchObject({ status: 'complete', ...counts(2, 0, 0, 1) });
    const rejects = await cloud.rows('SELECT * FROM ledger.rejected_rows WHERE upload_id = $1', [
      entry.uploadId,
    ]);
    expect(rejects).toMatchObject([
      { line: 3, column_name: 'quantity', code: 'quantity-invalid', original_text: bad(30) },
    ]);
  });

  test('is in a CSV that loads once it is corrected and uploaded', async () => {
    const entry = await cloud.load('incoming/store=rome/retail_06_03_2024.csv', csv(40));
    const [key] = await cloud.keys('rejected/store=rome/');
    expect(key).toBe(`rejected/store=rome/retail_06_03_2024.rejected-${entry.uploadId.slice(0, 8)}.csv`);
    const rejected = await cloud.object(key!);
    expect(rejected.split('\n')[0]).toBe(
      `reject_file,reject_line,reject_column,reject_code,reject_message,${HEADER}`,
    );
    const corrected = rejected.replace(',0,1.00', ',1,1.00');
    const reload = await cloud.load(`incoming/store=rome/${key!.split('/').at(-1)}`, corrected);
    expect(reload).toMatchObject({ status: 'complete', ...counts(1, 0, 0, 0) });
  });
});

describe('a file that cannot be read', () => {
  const cases: [name: string, content: string | Uint8Array, code: string][] = [
    ['retail_07_03_2024.csv', 'id,category,description,quantity,amount_excl_tax\n', 'column-missing'],
    ['retail_31_02_2024.csv', `${HEADER}\n`, 'date-unknown'],
    ['retail_08_03_2024.csv', '', 'file-empty'],
    ['retail_09_03_2024.csv', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 0, 1]), 'archive-damaged'],
    ['readme.txt', 'hello', 'column-missing'],
  ];
  test.each(cases)('%s ends as failed, with the reason in the ledger', async (name, content, code) => {
    const entry = await cloud.load(`incoming/store=main/${name}`, content);
    expect(entry).toMatchObject({ status: 'failed', failureCode: code, ...counts(0, 0, 0, 0) });
    expect(entry.failureMessage).toMatch(/\w+/);
  });
});
