import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { finished } from 'node:stream/promises';
import Papa from 'papaparse';
import { COLUMNS } from '../lambdas/core/columns.ts';
import { UserError } from './exit-codes.ts';

/** The columns of a history table, as the CSV contract calls them. */
const HISTORY_COLUMNS: readonly string[] = COLUMNS.map(({ sqlName }) => sqlName);
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * Writes the rows of a SQLite table into one CSV for each day, in the form in which shops drop them. A row whose
 * date is none goes into a file of its own, so that the pipeline rejects it in sight.
 * @returns the files' paths, by day
 * @throws {UserError} where the file is no SQLite database, or has no such table or columns
 */
export async function exportHistory(file: string, table: string, outDir: string): Promise<string[]> {
  if (!existsSync(file)) throw new UserError(`${file} is not there`);
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
    const name = fileNameOf(String(row.transaction_date ?? ''));
    if (current?.name !== name) {
      await close();
      const path = join(outDir, name);
      current = { name, stream: createWriteStream(path, { flags: 'a' }) };
      if (!files.includes(path)) {
        files.push(path);
        current.stream.write(`${HISTORY_COLUMNS.join(',')}\n`);
      }
    }
    // A number's shortest decimal form is the amount that was meant: 2399.97, not the nearest binary fraction.
    const line = Papa.unparse([
      HISTORY_COLUMNS.map((column) => (row[column] === null ? '' : String(row[column]))),
    ]);
    if (!current.stream.write(`${line}\n`)) await once(current.stream, 'drain');
  }
  await close();
  return files;
}

function fileNameOf(date: string): string {
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
    throw new UserError(`${file} is no SQLite database: ${(cause as Error).message}`, 1, { cause });
  }
  if (found.length === 0) {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = tables.map(({ name }) => name).join(', ') || 'none';
    throw new UserError(`${file} has no table "${table}"; its tables: ${names}. Name one with --table`);
  }
  const missing = HISTORY_COLUMNS.filter((column) => !found.includes(column));
  if (missing.length > 0) {
    throw new UserError(
      `table "${table}" of ${file} has no column ${missing.join(', ')}; it has ${found.join(', ')}`,
    );
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
