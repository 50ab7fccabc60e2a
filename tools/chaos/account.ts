import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import { type Clients, type Drop, drainQueue } from './clients.ts';
import type { ExpectedRow } from './made-up-file.ts';

/** Everything that was uploaded into one store's folder or sent to the upload queue. */
interface Dropped {
  readonly storeId: string;
  readonly drops: readonly Drop[];
  /** Messages that the parser cannot read. */
  readonly poisons: readonly string[];
}

interface TableRow extends ExpectedRow {
  readonly date: string;
  readonly upload_id: string;
  readonly line: number;
}

/**
 * Accounts for everything that was uploaded, after all work is finished: rows, dead-letter messages, the ledger's own
 * check, the files of rejected rows.
 * @returns a description of each problem
 */
export async function findProblems(clients: Clients, dropped: Dropped): Promise<string[]> {
  return [
    ...(await findRowProblems(clients, dropped)),
    ...(await findDeadLetterProblems(clients, dropped)),
    ...(await findDifferences(clients, dropped)),
    ...(await findMissingRejects(clients, dropped)),
  ];
}

/** Every row of every file must be in the table exactly once, or among the rejected or conflicting rows exactly once. */
async function findRowProblems({ database }: Clients, { storeId, drops }: Dropped): Promise<string[]> {
  const { rows: stored } = await database.query<TableRow>(
    `SELECT id::text, category, name, quantity::float8 AS quantity, amount_excl_tax::text AS "amountExclTax",
       amount_inc_tax::text AS "amountIncTax", transaction_date::text AS date, upload_id, line
     FROM transactions WHERE store_id = $1`,
    [storeId],
  );
  const table = new Map(stored.map((row) => [row.id, row]));
  // An upload whose object was deleted may have loaded some of its batches.
  const allowed = new Set(drops.flatMap(({ file }) => [...file.rows.values()].map(({ id }) => id)));
  const foreign = [...table.keys()].filter((id) => !allowed.has(id));
  const problems = foreign.map((id) => `the table has a row ${id} that is in no file`);
  for (const drop of drops) {
    const found = await findDropProblems(database, drop, table);
    problems.push(...found.map((text) => `${drop.key} (${drop.versionId.slice(0, 8)}): ${text}`));
  }
  return problems;
}

async function findDropProblems(
  database: pg.Client,
  { key, versionId, file, isDeleted }: Drop,
  table: ReadonlyMap<string, TableRow>,
): Promise<string[]> {
  const { rows: uploads } = await database.query<{ id: string; result: string; counts: string[] }>(
    `SELECT upload_id AS id, CASE status WHEN 'failed' THEN failure_code ELSE status END AS result,
       ARRAY[rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected] AS counts
     FROM ledger.uploads WHERE object_key = $1 AND version_id = $2`,
    [key, versionId],
  );
  const [upload] = uploads;
  if (upload === undefined) return isDeleted ? [] : ['it has no upload in the ledger'];
  if (uploads.length > 1) return [`it has ${uploads.length} uploads in the ledger`];
  const results = [file.failure ?? 'complete', ...(isDeleted ? ['object-deleted'] : [])];
  if (!results.includes(upload.result)) return [`is ${upload.result}, expected ${results.join(' or ')}`];
  if (upload.result !== 'complete') return [];

  const problems: string[] = [];
  const expected = new Set([...file.rejects].map(([line, code]) => `line ${line} rejected: ${code}`));
  let [inserted, conflicting] = [0, 0];
  for (const [line, row] of file.rows) {
    const stored = table.get(row.id);
    if (stored === undefined) problems.push(`line ${line}: row ${row.id} is not in the table`);
    if (stored?.date !== file.date || !isSameContent(stored, row)) {
      expected.add(`line ${line} in conflict: ${row.id}`);
      conflicting++;
    } else if (stored.upload_id === upload.id && stored.line === line) inserted++;
  }
  const [valid, rejected] = [file.rows.size, file.rejects.size];
  const counts = [valid + rejected, inserted, valid - inserted - conflicting, conflicting, rejected];
  if (String(upload.counts) !== String(counts)) {
    problems.push(`read, inserted, duplicate, conflicting, rejected: ${upload.counts}, expected ${counts}`);
  }
  const { rows } = await database.query<{ result: string }>(
    `SELECT format('line %s rejected: %s', line, code) AS result
     FROM ledger.rejected_rows WHERE upload_id = $1
     UNION ALL SELECT format('line %s in conflict: %s', line, id)
     FROM ledger.other_versions WHERE upload_id = $1 AND fate = 'conflict'`,
    [upload.id],
  );
  const found = new Set(rows.map(({ result }) => result));
  return [
    ...problems,
    ...[...expected.difference(found)].map((result) => `${result} is not in the ledger`),
    ...[...found.difference(expected)].map((result) => `${result} is in the ledger, but not expected`),
  ];
}

function isSameContent(stored: ExpectedRow, expected: ExpectedRow): boolean {
  return (Object.keys(expected) as (keyof ExpectedRow)[]).every((key) => stored[key] === expected[key]);
}

async function findDeadLetterProblems({ sqs, outputs }: Clients, { poisons }: Dropped): Promise<string[]> {
  const ofUploads = await drainQueue(sqs, outputs.uploadDeadLetterQueueUrl);
  const ofRows = await drainQueue(sqs, outputs.rowDeadLetterQueueUrl);
  const ofCalls = await drainQueue(sqs, outputs.callDeadLetterQueueUrl);
  // A message that was delivered twice may be in the queue twice.
  const unexpected = [...ofUploads.filter(({ body }) => !poisons.includes(body)), ...ofRows, ...ofCalls];
  const missing = poisons.filter((poison) => !ofUploads.some(({ body }) => body === poison));
  return [
    ...unexpected.map(({ body, reason }) => `in a dead-letter queue, ${reason}: ${body.slice(0, 200)}`),
    ...missing.map((poison) => `${poison} is in no dead-letter queue`),
  ];
}

async function findDifferences({ database }: Clients, { storeId }: Dropped): Promise<string[]> {
  const { rows } = await database.query(
    `SELECT v.upload_id, v.differences
     FROM ledger.verify('-infinity', '00000000-0000-0000-0000-000000000000', 100000) AS v
     JOIN ledger.uploads AS u USING (upload_id) WHERE u.store_id = $1 AND v.differences <> '{}'`,
    [storeId],
  );
  return rows.map((row) => `verify: ${JSON.stringify(row)}`);
}

/** Finds rejected rows of the ledger that are missing from the CSV files under rejected/. */
async function findMissingRejects(
  { s3, database, outputs }: Clients,
  { storeId }: Dropped,
): Promise<string[]> {
  const Bucket = outputs.bucketName;
  const found = new Set<string>();
  const Prefix = `${REJECTED_PREFIX}store=${storeId}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  for (const { Key = '' } of Contents) {
    const id = /rejected-([0-9a-f]{8})/.exec(Key)![1]!;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    // Each rejected row of a made-up file is one line.
    const lines = (await Body!.transformToString()).matchAll(/^[0-9a-f-]{36}[,;\t](\d+)[,;\t]/gm);
    for (const [, line] of lines) found.add(`line ${line} of upload ${id}`);
  }
  const { rows } = await database.query<{ row: string }>(
    `SELECT format('line %s of upload %s', r.line, left(r.upload_id::text, 8)) AS row
     FROM ledger.rejected_rows AS r JOIN ledger.uploads AS u USING (upload_id)
     WHERE u.store_id = $1 AND u.status = 'complete'`,
    [storeId],
  );
  const missing = new Set(rows.map(({ row }) => row)).difference(found);
  return missing.size === 0 ? [] : [`in no file under rejected/: ${[...missing].join(', ')}`];
}
