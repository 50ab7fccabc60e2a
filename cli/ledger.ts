import type { FormatSummary } from '../lambdas/core/row-batch.ts';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import type { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';

/** One upload of the load history. */
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
  /** Detected format; empty if nothing was detected. */
  readonly format: FormatSummary;
}

/** An upload with what its rejected rows are written with. */
export interface FoundUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly storeId: string;
  /** Header of the file; null if the file could not be read. */
  readonly header: string | null;
  readonly format: FormatSummary;
}

const ID_PREFIX = /^[0-9a-f][0-9a-f-]{3,35}$/i;
const BY_ID = 'starts_with(CAST(upload_id AS text), :name) LIMIT 10';
const BY_KEY = `object_key = :name OR right(object_key, length(:name) + 1) = '/' || :name
                ORDER BY received_at DESC, moved_at DESC LIMIT 1`;

/** A response of the Data API has at most 1 MiB. */
const PAGE_SIZE = 500;

const COLUMNS = `
  upload_id, bucket, object_key, version_id, store_id, status, rows_read, rows_inserted, rows_duplicate,
  rows_conflicting, rows_rejected, failure_code, failure_message, format,
  ledger.format_time(received_at) AS received_at, ledger.format_time(completed_at) AS completed_at`;

/** Reads the newest uploads, the oldest of them first. */
export async function readHistory(client: CloudClient, limit: number): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  while (entries.length < limit) {
    const page = await client.query(
      `SELECT ${COLUMNS} FROM ledger.upload_history ORDER BY upload_history.received_at DESC, upload_id
       LIMIT CAST(:limit AS integer) OFFSET CAST(:offset AS integer)`,
      { limit: String(Math.min(PAGE_SIZE, limit - entries.length)), offset: String(entries.length) },
    );
    entries.push(...page.map(toEntry));
    if (page.length < PAGE_SIZE) break;
  }
  return entries.reverse();
}

/** Reads these uploads. One whose first batch is not loaded yet has no entry. */
export async function readUploads(client: CloudClient, uploadIds: readonly string[]): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for (let start = 0; start < uploadIds.length; start += PAGE_SIZE) {
    const page = await client.query(
      `SELECT ${COLUMNS} FROM ledger.upload_history
       WHERE upload_id IN (SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS uuid))`,
      { ids: JSON.stringify(uploadIds.slice(start, start + PAGE_SIZE)) },
    );
    entries.push(...page.map(toEntry));
  }
  return entries;
}

/**
 * Finds an upload by its id or the beginning of it, or the newest upload of an object key or a file name.
 * @throws {UserError} if there is none, or several ids have this beginning
 */
export async function findUpload(client: CloudClient, name: string): Promise<FoundUpload> {
  const byId = ID_PREFIX.test(name) ? await findUploads(client, BY_ID, name.toLowerCase()) : [];
  if (byId.length > 1) {
    const candidates = byId.map(({ uploadId, key }) => `  ${uploadId}  ${key}`).join('\n');
    throw new UserError(`several upload ids begin with "${name}":\n${candidates}`);
  }
  const [upload] = byId.length === 1 ? byId : await findUploads(client, BY_KEY, name);
  if (upload === undefined) {
    throw new UserError(
      `there is no upload "${name}": "${client.commandLine('uploads')}" lists files, with --json also ids and keys`,
    );
  }
  return upload;
}

async function findUploads(client: CloudClient, condition: string, name: string): Promise<FoundUpload[]> {
  const rows = await client.query(
    `SELECT upload_id, object_key, store_id, header_text, format FROM ledger.uploads WHERE ${condition}`,
    { name },
  );
  return rows.map((row) => ({
    uploadId: String(row.upload_id),
    key: String(row.object_key),
    storeId: String(row.store_id),
    header: row.header_text as string | null,
    format: readFormat(row.format),
  }));
}

/** @param format JSON, or NULL if nothing was detected */
function readFormat(format: SqlValue | undefined): FormatSummary {
  return typeof format === 'string' ? (JSON.parse(format) as FormatSummary) : {};
}

function toEntry(row: Record<string, SqlValue>): LedgerEntry {
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
    format: readFormat(row.format),
  };
}
