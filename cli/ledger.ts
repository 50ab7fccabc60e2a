import type { FormatSummary } from '../lambdas/core/row-batch.ts';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import type { CloudClient } from './cloud-client.ts';

/** A line of the load history. */
export interface LedgerEntry {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly storeId: string;
  readonly status: 'loading' | 'complete' | 'failed' | 'superseded';
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsDuplicate: number;
  readonly rowsConflicting: number;
  readonly rowsRejected: number;
  /** ISO 8601, in UTC. */
  readonly receivedAt: string;
  readonly completedAt: string | null;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** How the file is written; empty if nothing was detected. */
  readonly format: FormatSummary;
}

/** An answer of the Data API holds at most 1 MiB. */
const PAGE_SIZE = 500;

const COLUMNS = `
  upload_id, bucket, object_key, version_id, store_id, status, rows_read, rows_inserted, rows_duplicate,
  rows_conflicting, rows_rejected, failure_code, failure_message, format,
  ledger.format_time(received_at) AS received_at, ledger.format_time(completed_at) AS completed_at`;

/** The newest uploads, oldest first. */
export async function readHistory(client: CloudClient, limit: number): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  while (entries.length < limit) {
    const page = await client.query(
      `SELECT ${COLUMNS} FROM ledger.upload_history ORDER BY upload_history.received_at DESC, upload_id
       LIMIT CAST(:limit AS integer) OFFSET CAST(:offset AS integer)`,
      { limit: String(Math.min(PAGE_SIZE, limit - entries.length)), offset: String(entries.length) },
    );
    entries.push(...page.map(entryOf));
    if (page.length < PAGE_SIZE) break;
  }
  return entries.reverse();
}

/** What the ledger knows of these uploads; nothing yet of one whose first batch is not in. */
export async function readUploads(client: CloudClient, uploadIds: readonly string[]): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (let start = 0; start < uploadIds.length; start += PAGE_SIZE) {
    const page = await client.query(
      `SELECT ${COLUMNS} FROM ledger.upload_history
       WHERE upload_id IN (SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS uuid))`,
      { ids: JSON.stringify(uploadIds.slice(start, start + PAGE_SIZE)) },
    );
    entries.push(...page.map(entryOf));
  }
  return entries;
}

/** @param format as the database gives it: JSON, or NULL for an upload of before it was kept */
export function readFormatSummary(format: SqlValue | undefined): FormatSummary {
  return typeof format === 'string' ? (JSON.parse(format) as FormatSummary) : {};
}

function entryOf(row: Record<string, SqlValue>): LedgerEntry {
  return {
    uploadId: String(row.upload_id),
    bucket: String(row.bucket),
    key: String(row.object_key),
    versionId: String(row.version_id),
    storeId: String(row.store_id),
    status: row.status as LedgerEntry['status'],
    rowsRead: Number(row.rows_read),
    rowsInserted: Number(row.rows_inserted),
    rowsDuplicate: Number(row.rows_duplicate),
    rowsConflicting: Number(row.rows_conflicting),
    rowsRejected: Number(row.rows_rejected),
    receivedAt: String(row.received_at),
    completedAt: row.completed_at as string | null,
    failureCode: row.failure_code as string | null,
    failureMessage: row.failure_message as string | null,
    format: readFormatSummary(row.format),
  };
}
