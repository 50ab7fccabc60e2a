import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { exportHistory } from '../../../cli/sqlite-history.ts';
import { temporaryDir } from '../../support/temporary-dir.ts';

const parent = temporaryDir();
const COLUMNS = 'id, transaction_date, category, name, quantity, amount_excl_tax, amount_inc_tax';

/** Exports a table with these columns and one row. @returns the texts of the files */
function exportTable(columns: string): string[] {
  const dir = mkdtempSync(join(parent, 'history-'));
  const file = join(dir, 'history.db');
  const database = new DatabaseSync(file);
  database.exec(`CREATE TABLE transactions (${columns})`);
  database.exec(`INSERT INTO transactions VALUES ('i', '2024-04-02', 'SELL', 'Ski', 3, 10.5, 12.6)`);
  database.close();
  return exportHistory(file, 'transactions', dir).map((path) => readFileSync(path, 'utf8'));
}

test.each([
  COLUMNS,
  COLUMNS.replace('name', 'description'),
  COLUMNS.replace('name', 'Description').replace('quantity', '" Quantity "'),
])('a table may have the titles of a CSV file: %s', (columns) => {
  expect(exportTable(columns)).toEqual([
    `${COLUMNS.replaceAll(', ', ',')}\ni,2024-04-02,SELL,Ski,3,10.5,12.6\n`,
  ]);
});

test.each([
  ['no description', COLUMNS.replace('name', 'thing'), 'The header has no column description or name.'],
  ['no date', COLUMNS.replace('transaction_date', 'day'), 'add a column transaction_date'],
])('a table with %s is refused with its columns', (_, columns, message) => {
  expect(() => exportTable(columns)).toThrow(`of ${parent}`);
  expect(() => exportTable(columns)).toThrow(` are ${columns}. `);
  expect(() => exportTable(columns)).toThrow(message);
});

test('a folder is refused as one', () => {
  expect(() => exportHistory(parent, 'transactions', parent)).toThrow(
    `${parent} is a folder: give the path of the SQLite file`,
  );
});
