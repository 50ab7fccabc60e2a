import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Papa from 'papaparse';
import { COLUMNS } from '../lambdas/core/columns.ts';
import { EXIT, UserError } from './exit-codes.ts';

type HistoryRow = Readonly<Record<string, string | number | bigint | null>>;

const MAX_BUFFERED_LINES = 10_000;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Writes the rows of a SQLite table to one CSV file for each day, in the form in which shops upload them. Rows without
 * a valid date get a file of their own, whose rows the pipeline rejects visibly.
 * @returns the paths of the files, by day
 * @throws {UserError} if the file is not a SQLite database, or lacks the table or its columns
 */
export function exportHistory(file: string, table: string, outDir: string): string[] {
  if (!existsSync(file)) throw new UserError(`${file} does not exist`);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const columns = readColumns(database, file, table);
    const rows = database
      .prepare(`SELECT ${columns.join(', ')} FROM ${quote(table)} ORDER BY transaction_date, id`)
      .iterate() as Iterable<HistoryRow>;
    return writeFiles(rows, columns, outDir);
  } finally {
    database.close();
  }
}

function writeFiles(rows: Iterable<HistoryRow>, columns: readonly string[], outDir: string): string[] {
  const files = new Set<string>();
  let path = '';
  let lines: string[][] = [];
  const flush = () => {
    if (lines.length > 0) appendFileSync(path, `${Papa.unparse(lines, { newline: '\n' })}\n`);
    lines = [];
  };
  for (const row of rows) {
    const next = join(outDir, nameFile(String(row.transaction_date ?? '')));
    if (next !== path || lines.length === MAX_BUFFERED_LINES) flush();
    path = next;
    if (!files.has(path)) lines.push([...columns]);
    files.add(path);
    // The shortest decimal form of a number is the intended amount: 2399.97, not the nearest binary fraction.
    lines.push(columns.map((column) => String(row[column] ?? '')));
  }
  flush();
  return [...files];
}

function nameFile(date: string): string {
  const [, year, month, day] = ISO_DATE.exec(date) ?? [];
  return year === undefined ? 'retail_undated_history.csv' : `retail_${day}_${month}_${year}_history.csv`;
}

/** Reads which columns of a row the table has: all that are required, and the date. */
function readColumns(database: DatabaseSync, file: string, table: string): string[] {
  let found: string[];
  try {
    found = database
      .prepare('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map(({ name }) => String(name));
  } catch (cause) {
    throw new UserError(`${file} is not a SQLite database: ${(cause as Error).message}`, EXIT.failed, {
      cause,
    });
  }
  if (found.length === 0) {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = tables.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`${file} has no table "${table}". Its tables: ${names}. Choose one with --table`);
  }
  const columns = COLUMNS.map(({ sqlName }) => sqlName).filter((column) => found.includes(column));
  const missing = COLUMNS.filter(({ isRequired, field }) => isRequired || field === 'transactionDate')
    .map(({ sqlName }) => sqlName)
    .filter((column) => !found.includes(column));
  if (missing.length > 0) {
    throw new UserError(
      `table "${table}" of ${file} has no column ${missing.join(', ')}. Its columns: ${found.join(', ')}`,
    );
  }
  return columns;
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
