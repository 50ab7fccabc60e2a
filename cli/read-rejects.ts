import { COLUMNS } from '../lambdas/core/columns.ts';
import type { RejectCode } from '../lambdas/core/reject-codes.ts';
import type { RejectedRow } from '../lambdas/core/row-batch.ts';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import type { CloudClient } from './cloud-client.ts';

/**
 * A response of the Data API has at most 1 MiB, and a row at most 64 KB, with up to six bytes for a character. Long
 * texts are therefore read in pieces, and a page has only as many rows as are certain to fit.
 */
const PIECE_CHARACTERS = 8_000;
const PAGE_CHARACTERS = 120_000;
const PAGE_ROWS = 1_000;

const REJECT_STATES = ['open', 'corrected', 'waived', 'retracted', 'settled', 'repeated'] as const;

/** A rejected row with its state. */
export interface StatedReject extends RejectedRow {
  readonly state: (typeof REJECT_STATES)[number];
  /** First upload that corrects the row. */
  readonly correctedBy: string | null;
  /** Reason of the operator who waived the row or retracted its file. */
  readonly reason: string | null;
}

/** A row whose id is in the table with different content. */
export interface ConflictingRow {
  readonly line: number;
  readonly id: string;
  /** Columns that differ, with both values. */
  readonly columns: readonly { readonly name: string; readonly stored: SqlValue; readonly here: SqlValue }[];
  readonly storedKey: string | null;
  readonly storedLine: number | null;
}

/**
 * Reads the rejected rows of an upload in pages, by line.
 * @param which of them: those that are open, or all
 */
export async function* readRejected(
  client: CloudClient,
  uploadId: string,
  which: 'open' | 'all',
): AsyncGenerator<StatedReject[]> {
  for (let after = 0; ; ) {
    const rows = await client.query(
      `SELECT line, column_name, code, message, state, corrected_by, reason, first_file, first_line, characters, text FROM (
         SELECT line, column_name, code, message, state, corrected_by, reason, first_file, first_line,
                length(original_text) AS characters,
                left(original_text, ${PIECE_CHARACTERS}) AS text,
                sum(least(length(original_text), ${PIECE_CHARACTERS}) + length(message) + 100)
                  OVER (ORDER BY line) - least(length(original_text), ${PIECE_CHARACTERS}) AS before
         FROM (SELECT * FROM ledger.reject_states WHERE upload_id = CAST(:upload AS uuid)
               AND (state = 'open' OR CAST(:which AS text) = 'all') AND line > CAST(:after AS integer) ORDER BY line LIMIT ${PAGE_ROWS}) AS page
       ) AS sized
       WHERE before <= ${PAGE_CHARACTERS} ORDER BY line`,
      { upload: uploadId, after: String(after), which },
    );
    if (rows.length === 0) return;
    after = Number(rows.at(-1)!.line);
    yield await Promise.all(rows.map((row) => completeRow(client, uploadId, row)));
  }
}

/** Counts the rejected rows of an upload by code and column, the most frequent first. */
export async function countCodes(client: CloudClient, uploadId: string, which: 'open' | 'all') {
  const counts = await client.query(
    `SELECT code, column_name AS "column", count(*) AS rows, count(*) FILTER (WHERE state = 'open') AS open
     FROM ledger.reject_states
     WHERE upload_id = CAST(:upload AS uuid) AND (state = 'open' OR CAST(:which AS text) = 'all')
     GROUP BY code, column_name ORDER BY count(*) DESC, code, column_name`,
    { upload: uploadId, which },
  );
  return counts.map(({ code, column, rows, open }) => {
    return { code: String(code), column: String(column), rows: Number(rows), open: Number(open) };
  });
}

/** Rejected rows of an upload that are to be corrected, of one code. */
export interface OpenRejects {
  readonly uploadId: string;
  readonly key: string;
  readonly storeId: string;
  /** ISO 8601, in UTC. */
  readonly receivedAt: string;
  readonly code: string;
  readonly rows: number;
}

/** Counts the open rejected rows of all uploads, the oldest upload first. */
export async function countOpenRejects(
  client: CloudClient,
  { store = '', limit }: { readonly store?: string | undefined; readonly limit: number },
): Promise<OpenRejects[]> {
  const rows = await client.query(
    `SELECT u.upload_id AS "uploadId", u.object_key AS "key", u.store_id AS "storeId",
            ledger.format_time(u.received_at) AS "receivedAt", r.code, count(*) AS rows
     FROM ledger.uploads AS u JOIN ledger.reject_states AS r ON r.upload_id = u.upload_id
     WHERE r.state = 'open' AND CAST(:store AS text) IN ('', u.store_id)
     GROUP BY u.upload_id, r.code ORDER BY u.received_at, u.upload_id, count(*) DESC, r.code
     LIMIT CAST(:limit AS integer)`,
    { store, limit: String(limit) },
  );
  const columns: unknown[] = rows;
  return columns as OpenRejects[];
}

async function completeRow(
  client: CloudClient,
  uploadId: string,
  row: Record<string, SqlValue>,
): Promise<StatedReject> {
  const line = Number(row.line);
  let text = String(row.text);
  for (let read = PIECE_CHARACTERS; read < Number(row.characters); read += PIECE_CHARACTERS) {
    const [piece] = await client.query(
      `SELECT substr(original_text, CAST(:start AS integer), ${PIECE_CHARACTERS}) AS text FROM ledger.rejected_rows
       WHERE upload_id = CAST(:upload AS uuid) AND line = CAST(:line AS integer)`,
      { upload: uploadId, line: String(line), start: String(read + 1) },
    );
    text += String(piece?.text);
  }
  return {
    line,
    column: String(row.column_name),
    code: row.code as RejectCode,
    message: String(row.message),
    text,
    state: row.state as StatedReject['state'],
    correctedBy: row.corrected_by as string | null,
    reason: row.reason as string | null,
    corrects: { file: String(row.first_file), line: Number(row.first_line) },
  };
}

const COMPARED: readonly string[] = [
  ...COLUMNS.filter(({ isCompared }) => isCompared).map(({ sqlName }) => sqlName),
  'store_id',
];

/** Reads the conflicting rows of an upload in pages, by line, with both versions of each. */
export async function* readConflicting(
  client: CloudClient,
  uploadId: string,
): AsyncGenerator<ConflictingRow[]> {
  // Names can have any length: the beginning is enough for a reader.
  const short = (table: string, name: string) =>
    name === 'name'
      ? `left(${table}.name, 200)`
      : `CAST(${name === 'quantity' ? `trim_scale(${table}.quantity)` : `${table}.${name}`} AS text)`;
  const columns = COMPARED.map(
    (name) => `CASE WHEN t.${name} IS DISTINCT FROM c.${name} THEN ${short('t', name)} END AS stored_${name},
               CASE WHEN t.${name} IS DISTINCT FROM c.${name} THEN ${short('c', name)} END AS here_${name}`,
  );
  for (let after = 0; ; ) {
    const rows = await client.query(
      `SELECT c.line, c.id, u.object_key AS stored_key, t.line AS stored_line, ${columns.join(', ')}
       FROM ledger.other_versions AS c
       LEFT JOIN public.transactions AS t ON t.id = c.id
       LEFT JOIN ledger.uploads AS u ON u.upload_id = t.upload_id
       WHERE c.fate = 'conflict' AND c.upload_id = CAST(:upload AS uuid) AND c.line > CAST(:after AS integer)
       ORDER BY c.line LIMIT 100`,
      { upload: uploadId, after: String(after) },
    );
    if (rows.length === 0) return;
    after = Number(rows.at(-1)!.line);
    yield rows.map((row) => ({
      line: Number(row.line),
      id: String(row.id),
      columns: COMPARED.filter((name) => row[`here_${name}`] !== null).map((name) => {
        return { name, stored: row[`stored_${name}`] ?? null, here: row[`here_${name}`] ?? null };
      }),
      storedKey: row.stored_key as string | null,
      storedLine: row.stored_line === null ? null : Number(row.stored_line),
    }));
  }
}
