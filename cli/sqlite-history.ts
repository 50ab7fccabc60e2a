import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import Papa from 'papaparse';
import { COLUMNS } from '../lambdas/core/columns.ts';
import { objectToHeader, readHeader } from '../lambdas/core/detect/header.ts';
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
  const kind = statSync(file, { throwIfNoEntry: false });
  if (kind === undefined) throw new UserError(`${file} does not exist`);
  if (kind.isDirectory()) throw new UserError(`${file} is a folder: give the path of the SQLite file`);
  const database = openReadOnly(file);
  try {
    const columns = readColumns(database, file, table);
    const selected = columns.map(({ sqlName, inTable }) => `${quote(inTable)} AS ${sqlName}`).join(', ');
    const rows = database
      .prepare(`SELECT ${selected} FROM ${quote(table)} ORDER BY transaction_date, id`)
      .iterate() as Iterable<HistoryRow>;
    const names = columns.map(({ sqlName }) => sqlName);
    return writeFiles(rows, names, outDir);
  } finally {
    database.close();
  }
}

function openReadOnly(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { readOnly: true });
  } catch (cause) {
    throw new UserError(`${file} cannot be opened: ${(cause as Error).message}`, EXIT.failed, { cause });
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

/** Finds the columns of a row in the table, under any title that a CSV file may have, and the date. */
function readColumns(database: DatabaseSync, file: string, table: string) {
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
  const header = readHeader(found);
  const failure = 'code' in header ? header : objectToHeader(header, undefined, 'ignore');
  if ('code' in header || failure !== undefined) {
    throw new UserError(
      `the columns of table "${table}" of ${file} are ${found.join(', ')}. They must be those of a CSV file with a ` +
        `column transaction_date. ${failure?.message}`,
    );
  }
  return COLUMNS.map(({ sqlName }, index) => ({ sqlName, inTable: found[header.positions[index]!]! }));
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
