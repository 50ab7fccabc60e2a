import type pg from 'pg';
import type { Drop } from './clients.ts';
import type { ExpectedRow } from './made-up-file.ts';

interface UploadRow {
  readonly upload_id: string;
  readonly status: string;
  readonly failure_code: string | null;
  readonly rows_read: string;
  readonly rows_inserted: string;
  readonly rows_duplicate: string;
  readonly rows_conflicting: string;
  readonly rows_rejected: string;
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
  const stored = (
    await database.query<TableRow>(
      `SELECT ${CONTENT}, transaction_date::text AS date, upload_id, line FROM transactions WHERE store_id = $1`,
      [storeId],
    )
  ).rows;
  const table = new Map(stored.map((row) => [row.id, row]));
  const wanted = new Set<string>();
  for (const drop of drops) {
    const report = (text: string) => problems.push(`${drop.key} (${drop.versionId.slice(0, 8)}): ${text}`);
    const uploads = await uploadsOf(database, drop);
    const [upload] = uploads;
    if (upload === undefined) {
      if (!drop.isDeleted) report('it has no upload in the ledger');
      continue;
    }
    if (uploads.length > 1) report(`it has ${uploads.length} uploads in the ledger`);
    if (upload.status === 'failed') {
      const wasDeleted = drop.isDeleted && upload.failure_code === 'object-deleted';
      if (!wasDeleted && upload.failure_code !== drop.file.failure) report(`failed: ${upload.failure_code}`);
      continue;
    }
    if (upload.status !== 'complete' || drop.file.failure !== undefined) {
      report(`is ${upload.status}, expected ${drop.file.failure ?? 'complete'}`);
      continue;
    }
    for (const { id } of drop.file.rows.values()) wanted.add(id);
    problems.push(
      ...(await findProblemsOfUpload(database, drop, upload, table)).map((text) => `${drop.key}: ${text}`),
    );
  }
  const complete = new Set(wanted);
  for (const id of table.keys()) {
    // An upload whose object was deleted may have loaded some of its batches.
    if (
      !complete.has(id) &&
      !drops.some(({ file }) => [...file.rows.values()].some((row) => row.id === id))
    ) {
      problems.push(`the table has a row ${id} that is in no file`);
    }
  }
  for (const id of wanted) if (!table.has(id)) problems.push(`row ${id} is not in the table`);
  return problems;
}

async function uploadsOf(database: pg.Client, { key, versionId }: Drop): Promise<UploadRow[]> {
  const sql = 'SELECT * FROM ledger.uploads WHERE object_key = $1 AND version_id = $2';
  return (await database.query<UploadRow>(sql, [key, versionId])).rows;
}

async function findProblemsOfUpload(
  database: pg.Client,
  { file }: Drop,
  upload: UploadRow,
  table: ReadonlyMap<string, TableRow>,
): Promise<string[]> {
  const problems: string[] = [];
  const lines = async (sql: string) =>
    new Map(
      (await database.query<{ line: number; code: string }>(sql, [upload.upload_id])).rows.map((row) => [
        row.line,
        row.code,
      ]),
    );
  const rejected = await lines('SELECT line, code FROM ledger.rejected_rows WHERE upload_id = $1');
  const conflicting = await lines(
    'SELECT line, id::text AS code FROM ledger.conflicting_rows WHERE upload_id = $1',
  );
  for (const [line, code] of file.rejects) {
    if (rejected.get(line) !== code)
      problems.push(`line ${line}: ${code} expected, ${rejected.get(line)} found`);
  }
  if (rejected.size !== file.rejects.size)
    problems.push(`${rejected.size} rejected, not ${file.rejects.size}`);
  let inserted = 0;
  let inConflict = 0;
  for (const [line, row] of file.rows) {
    const stored = table.get(row.id);
    const isSame = stored !== undefined && stored.date === file.date && isSameContent(stored, row);
    if (isSame && stored.upload_id === upload.upload_id && stored.line === line) inserted++;
    if (!isSame) inConflict++;
    if (isSame === conflicting.has(line))
      problems.push(`line ${line}: ${isSame ? 'in' : 'not in'} the conflicts`);
  }
  const total = file.rows.size + file.rejects.size;
  const expected = [total, inserted, file.rows.size - inserted - inConflict, inConflict, file.rejects.size];
  const { rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected } = upload;
  const found = [rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected].map(Number);
  if (String(found) !== String(expected)) {
    problems.push(`read, inserted, duplicate, conflicting, rejected: ${found}, expected ${expected}`);
  }
  if (conflicting.size !== inConflict)
    problems.push(`${conflicting.size} conflicts are kept, not ${inConflict}`);
  return problems;
}

function isSameContent(a: ExpectedRow, b: ExpectedRow): boolean {
  return (
    a.category === b.category &&
    a.name === b.name &&
    a.quantity === b.quantity &&
    a.amountExclTax === b.amountExclTax &&
    a.amountIncTax === b.amountIncTax
  );
}
