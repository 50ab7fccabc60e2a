import type { FormatSummary } from '../lambdas/core/row-batch.ts';
import { buildUnpackedPrefix } from '../lambdas/core/upload-key.ts';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import { computeFileId } from '../lambdas/shared/upload-id.ts';
import type { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';

export const STATUSES = ['loading', 'complete', 'failed', 'superseded'] as const;

/** Decision of an operator about a file. */
export interface DecisionEntry {
  readonly kind: 'retract' | 'restate' | 'waive';
  /** Key of the file. */
  readonly file: string;
  readonly reason: string;
  readonly by: string;
  readonly state: 'waiting' | 'settling' | 'done' | 'refused';
}

export interface LedgerEntry {
  readonly uploadId: string;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly storeId: string;
  readonly status: (typeof STATUSES)[number];
  readonly rowsRead: number;
  readonly rowsInserted: number;
  readonly rowsDuplicate: number;
  readonly rowsConflicting: number;
  readonly rowsRejected: number;
  /** Rows of a file that an operator retracted. */
  readonly rowsRetracted: number;
  /** Rows with another version that an operator restated. */
  readonly rowsReplaced: number;
  /** Number of rejected rows that are still to be corrected; undefined if they were not counted. */
  readonly rowsOpen?: number;
  /** ISO 8601, in UTC. */
  readonly receivedAt: string;
  /** Time of the upload; for a later reading of the same version, time when its first batch was loaded. */
  readonly startedAt: string;
  readonly completedAt: string | null;
  /** First and last transaction date of the valid rows, YYYY-MM-DD. */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  readonly failureCode: string | null;
  readonly failureMessage: string | null;
  /** Detected format; empty if nothing was detected. */
  readonly format: FormatSummary;
  /** What the upload of a decision decides; absent if it was not asked for. */
  readonly decision?: DecisionEntry;
  /** Decision that retracted a file that had failed, for example because it was moved; absent if it was not asked for. */
  readonly retraction?: DecisionEntry;
}

/** An upload with what its rejected rows are written with. */
export interface FoundUpload extends Pick<LedgerEntry, 'uploadId' | 'key' | 'storeId' | 'format'> {
  /** Id of the object version. */
  readonly fileId: string;
  /** Header of the file; null if the file could not be read. */
  readonly header: string | null;
}

const ID_PREFIX = /^[0-9a-f][0-9a-f-]{3,35}$/i;
const BY_ID = 'starts_with(CAST(upload_id AS text), :name) LIMIT 10';
const BY_KEY = `object_key = :name OR right(object_key, length(:name) + 1) = '/' || :name
                ORDER BY received_at DESC, moved_at DESC LIMIT 1`;

/** A response of the Data API has at most 1 MiB. */
const PAGE_SIZE = 500;
/** Each file of an archive has a long key, and may have a format with many titles. */
const UNPACKED_PAGE_SIZE = 50;

/** Columns of the view, each under the name of its property in LedgerEntry. */
const COLUMNS = `
  upload_id AS "uploadId", bucket, object_key AS "key", version_id AS "versionId", store_id AS "storeId", status,
  rows_read AS "rowsRead", rows_inserted AS "rowsInserted", rows_duplicate AS "rowsDuplicate",
  rows_conflicting AS "rowsConflicting", rows_rejected AS "rowsRejected", rows_retracted AS "rowsRetracted",
  rows_replaced AS "rowsReplaced", ledger.format_time(received_at) AS "receivedAt",
  ledger.format_time(started_at) AS "startedAt", ledger.format_time(completed_at) AS "completedAt",
  first_day AS "firstDay", last_day AS "lastDay", failure_code AS "failureCode", failure_message AS "failureMessage",
  format`;

/** Properties of uploads; those that are undefined do not matter. */
export interface HistoryFilter {
  readonly store?: string;
  readonly status?: LedgerEntry['status'];
  /** Day or time of the earliest upload, in UTC. */
  readonly since?: string;
}

/** Reads the newest readings, the oldest of them first. */
export async function readHistory(
  client: CloudClient,
  limit: number,
  { store = '', status, since = '-infinity' }: HistoryFilter = {},
): Promise<LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  while (entries.length < limit) {
    const page = await client.query(
      `SELECT ${COLUMNS} FROM ledger.upload_history
       WHERE CAST(:store AS text) IN ('', store_id) AND CAST(:status AS text) IN ('', status)
         AND received_at >= CAST(:since AS timestamp) AT TIME ZONE 'UTC'
       ORDER BY started_at DESC, upload_id
       LIMIT CAST(:limit AS integer) OFFSET CAST(:offset AS integer)`,
      {
        store,
        status: status ?? '',
        since,
        limit: String(Math.min(PAGE_SIZE, limit - entries.length)),
        offset: String(entries.length),
      },
    );
    entries.push(...page.map((row) => readFormat<LedgerEntry>(row)));
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
    entries.push(...page.map((row) => readFormat<LedgerEntry>(row)));
  }
  return entries;
}

/** Reads the newest reading of each file of an archive, by key. */
export async function readUnpacked(client: CloudClient, archive: LedgerEntry): Promise<LedgerEntry[]> {
  const { bucket } = archive;
  const prefix = buildUnpackedPrefix(archive, computeFileId(archive));
  const entries: LedgerEntry[] = [];
  for (let after = ''; ; after = entries.at(-1)!.key) {
    const page = await client.query(
      `SELECT DISTINCT ON (object_key COLLATE "C") ${COLUMNS} FROM ledger.upload_history
       WHERE bucket = :bucket AND starts_with(object_key, :prefix) AND status <> 'superseded'
         AND object_key > CAST(:after AS text) COLLATE "C"
       ORDER BY object_key COLLATE "C", started_at DESC, upload_id
       LIMIT ${UNPACKED_PAGE_SIZE}`,
      { bucket, prefix, after },
    );
    entries.push(...page.map((row) => readFormat<LedgerEntry>(row)));
    if (page.length < UNPACKED_PAGE_SIZE) return entries;
  }
}

/** Counts the rejected rows of uploads that are still to be corrected. */
export async function countOpenRows(
  client: CloudClient,
  entries: readonly LedgerEntry[],
): Promise<LedgerEntry[]> {
  const ids = entries.filter(({ rowsRejected }) => rowsRejected > 0).map(({ uploadId }) => uploadId);
  const open = new Map<unknown, number>();
  for (let start = 0; start < ids.length; start += PAGE_SIZE) {
    const counts = await client.query(
      `SELECT upload_id, ledger.count_open(CAST(upload_id AS uuid)) AS rows
       FROM json_array_elements_text(CAST(:ids AS json)) AS i (upload_id)`,
      { ids: JSON.stringify(ids.slice(start, start + PAGE_SIZE)) },
    );
    for (const { upload_id: id, rows } of counts) open.set(id, Number(rows));
  }
  return entries.map((entry) => ({ ...entry, rowsOpen: open.get(entry.uploadId) ?? 0 }));
}

/**
 * Finds an upload by its id or the beginning of it, or the newest upload of an object key or a file name.
 * @throws {UserError} if there is none, or several ids have this beginning
 */
export async function findUpload(client: CloudClient, name: string): Promise<FoundUpload> {
  const byId = ID_PREFIX.test(name) ? await findUploads(client, BY_ID, name.toLowerCase()) : [];
  if (byId.length > 1) {
    const candidates = byId.map(({ uploadId, key }) => `${uploadId} (${key})`).join(', ');
    throw new UserError(`several upload ids begin with "${name}": ${candidates}`);
  }
  const [upload] = byId.length === 1 ? byId : await findUploads(client, BY_KEY, name);
  if (upload === undefined) {
    throw new UserError(
      `no upload is named "${name}": "${client.commandLine('uploads')}" lists files and ids, with --json also keys`,
    );
  }
  return upload;
}

async function findUploads(client: CloudClient, condition: string, name: string): Promise<FoundUpload[]> {
  const rows = await client.query(
    `SELECT upload_id AS "uploadId", file_id AS "fileId", object_key AS "key", store_id AS "storeId", header_text AS header, format
     FROM ledger.uploads WHERE ${condition}`,
    { name },
  );
  return rows.map((row) => readFormat<FoundUpload>(row));
}

/** Reads the format of a row: JSON, or NULL if nothing was detected. */
function readFormat<Row extends { format: FormatSummary }>(row: Record<string, SqlValue>): Row {
  const format = typeof row.format === 'string' ? (JSON.parse(row.format) as FormatSummary) : {};
  const columns: Record<string, unknown> = { ...row, format };
  return columns as Row;
}
