import type pg from 'pg';
import type { Drop } from './clients.ts';
import type { ExpectedRow, MadeUpFile } from './made-up-file.ts';

interface UploadRow {
  readonly upload_id: string;
  readonly status: string;
  readonly failure_code: string | null;
  /** Numbers of rows: read, inserted, duplicate, conflicting, rejected. */
  readonly counts: readonly string[];
}

interface TableRow extends ExpectedRow {
  readonly date: string;
  readonly upload_id: string;
  readonly line: number;
}

const CONTENT = `id::text, category, name, quantity, amount_excl_tax::text AS "amountExclTax",
  amount_inc_tax::text AS "amountIncTax"`;

/**
 * Compares the database with the files: every row of every file must be in the table exactly once, or among the
 * rejected or conflicting rows exactly once.
 * @returns a description of each problem
 */
export async function findRowProblems(
  database: pg.Client,
  storeId: string,
  drops: readonly Drop[],
): Promise<string[]> {
  const problems: string[] = [];
  const { rows: stored } = await database.query<TableRow>(
    `SELECT ${CONTENT}, transaction_date::text AS date, upload_id, line FROM transactions WHERE store_id = $1`,
    [storeId],
  );
  const table = new Map(stored.map((row) => [row.id, row]));
  // An upload whose object was deleted may have loaded some of its batches.
  const allowed = new Set(drops.flatMap(({ file }) => [...file.rows.values()].map(({ id }) => id)));
  for (const id of table.keys())
    if (!allowed.has(id)) problems.push(`the table has a row ${id} that is in no file`);
  for (const drop of drops) {
    const found = await findProblemsOfDrop(database, drop, table);
    problems.push(...found.map((text) => `${drop.key} (${drop.versionId.slice(0, 8)}): ${text}`));
  }
  return problems;
}

async function findProblemsOfDrop(
  database: pg.Client,
  drop: Drop,
  table: ReadonlyMap<string, TableRow>,
): Promise<string[]> {
  const { rows: uploads } = await database.query<UploadRow>(
    `SELECT upload_id, status, failure_code,
       ARRAY[rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected] AS counts
     FROM ledger.uploads WHERE object_key = $1 AND version_id = $2`,
    [drop.key, drop.versionId],
  );
  const [upload] = uploads;
  if (upload === undefined) return drop.isDeleted ? [] : ['it has no upload in the ledger'];
  if (uploads.length > 1) return [`it has ${uploads.length} uploads in the ledger`];
  if (upload.status === 'failed') {
    const isExpected =
      upload.failure_code === drop.file.failure ||
      (drop.isDeleted && upload.failure_code === 'object-deleted');
    return isExpected ? [] : [`failed: ${upload.failure_code}`];
  }
  if (upload.status !== 'complete' || drop.file.failure !== undefined) {
    return [`is ${upload.status}, expected ${drop.file.failure ?? 'complete'}`];
  }
  return findProblemsOfRows(database, drop.file, upload, table);
}

async function findProblemsOfRows(
  database: pg.Client,
  file: MadeUpFile,
  upload: UploadRow,
  table: ReadonlyMap<string, TableRow>,
): Promise<string[]> {
  const problems: string[] = [];
  let inserted = 0;
  const conflicts = new Map<number, string>();
  for (const [line, row] of file.rows) {
    const stored = table.get(row.id);
    if (stored === undefined) problems.push(`line ${line}: row ${row.id} is not in the table`);
    if (stored?.date !== file.date || !isSameContent(stored, row)) conflicts.set(line, row.id);
    else if (stored.upload_id === upload.upload_id && stored.line === line) inserted++;
  }
  const read = async (sql: string) => {
    const { rows } = await database.query<{ line: number; value: string }>(sql, [upload.upload_id]);
    return new Map(rows.map(({ line, value }) => [line, value]));
  };
  const rejected = await read('SELECT line, code AS value FROM ledger.rejected_rows WHERE upload_id = $1');
  const conflicting = await read(
    'SELECT line, id::text AS value FROM ledger.conflicting_rows WHERE upload_id = $1',
  );
  problems.push(...compareLines('rejected', file.rejects, rejected));
  problems.push(...compareLines('in conflict', conflicts, conflicting));
  const [valid, invalid] = [file.rows.size, file.rejects.size];
  const duplicate = valid - inserted - conflicts.size;
  const expected = [valid + invalid, inserted, duplicate, conflicts.size, invalid];
  if (String(upload.counts) !== String(expected)) {
    problems.push(`read, inserted, duplicate, conflicting, rejected: ${upload.counts}, expected ${expected}`);
  }
  return problems;
}

/** Compares a value of each line: the code of a rejected row, or the id of a row in conflict. */
function compareLines(
  kind: string,
  expected: ReadonlyMap<number, string>,
  found: ReadonlyMap<number, string>,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((line) => expected.get(line) !== found.get(line))
    .map((line) => {
      return `line ${line} ${kind}: ${expected.get(line) ?? 'no'} expected, ${found.get(line) ?? 'no'} found`;
    });
}

function isSameContent(stored: ExpectedRow, expected: ExpectedRow): boolean {
  return (Object.keys(expected) as (keyof ExpectedRow)[]).every((key) => stored[key] === expected[key]);
}
