import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { finished } from 'node:stream/promises';
import Papa from 'papaparse';
import { COLUMNS } from '../lambdas/core/columns.ts';
import { EXIT, UserError } from './exit-codes.ts';

/** Columns of a history table, with their names in the CSV file. */
const HISTORY_COLUMNS: readonly string[] = COLUMNS.map(({ sqlName }) => sqlName);
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Writes the rows of a SQLite table to one CSV file for each day, in the form in which shops upload them. Rows without
 * a valid date get a file of their own, whose rows the pipeline rejects visibly.
 * @returns the paths of the files, by day
 * @throws {UserError} if the file is not a SQLite database, or lacks the table or its columns
 */
export async function exportHistory(file: string, table: string, outDir: string): Promise<string[]> {
  if (!existsSync(file)) throw new UserError(`${file} does not exist`);
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    checkTable(database, file, table);
    const rows = database
      .prepare(`SELECT ${HISTORY_COLUMNS.join(', ')} FROM ${quote(table)} ORDER BY transaction_date, id`)
      .iterate() as Iterable<Record<string, string | number | bigint | null>>;
    return await writeFiles(rows, outDir);
  } finally {
    database.close();
  }
}

async function writeFiles(
  rows: Iterable<Record<string, string | number | bigint | null>>,
  outDir: string,
): Promise<string[]> {
  const files: string[] = [];
  let current: { name: string; stream: ReturnType<typeof createWriteStream> } | undefined;
  const close = async () => {
    current?.stream.end();
    if (current !== undefined) await finished(current.stream);
  };
  for (const row of rows) {
    const name = nameFile(String(row.transaction_date ?? ''));
    if (current?.name !== name) {
      await close();
      const path = join(outDir, name);
      current = { name, stream: createWriteStream(path, { flags: 'a' }) };
      if (!files.includes(path)) {
        files.push(path);
        current.stream.write(`${HISTORY_COLUMNS.join(',')}\n`);
      }
    }
    // The shortest decimal form of a number is the intended amount: 2399.97, not the nearest binary fraction.
    const line = Papa.unparse([
      HISTORY_COLUMNS.map((column) => (row[column] === null ? '' : String(row[column]))),
    ]);
    if (!current.stream.write(`${line}\n`)) await once(current.stream, 'drain');
  }
  await close();
  return files;
}

function nameFile(date: string): string {
  const [, year, month, day] = ISO_DATE.exec(date) ?? [];
  return year === undefined ? 'retail_undated_history.csv' : `retail_${day}_${month}_${year}_history.csv`;
}

function checkTable(database: DatabaseSync, file: string, table: string): void {
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
  const missing = HISTORY_COLUMNS.filter((column) => !found.includes(column));
  if (missing.length > 0) {
    throw new UserError(
      `table "${table}" of ${file} has no column ${missing.join(', ')}. Its columns: ${found.join(', ')}`,
    );
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
