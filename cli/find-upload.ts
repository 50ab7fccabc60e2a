import type { FormatSummary } from '../lambdas/core/row-batch.ts';
import type { SqlValue } from '../lambdas/shared/data-api.ts';
import type { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import { readFormatSummary } from './ledger.ts';

/** What is known of an upload before it is looked into. */
export interface FoundUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly storeId: string;
  /** The file's first line; null for uploads from before it was kept. */
  readonly header: string | null;
  readonly format: FormatSummary;
}

const COLUMNS = 'upload_id, object_key, store_id, header_text, format';
const LEAST_PREFIX = /^[0-9a-f][0-9a-f-]{3,35}$/i;
const MOST_NAMED = 10;

/**
 * Finds an upload by its id or the beginning of it, or the newest one by its object key or file name.
 * @throws {UserError} where there is none, or more than one id begins so
 */
export async function findUpload(client: CloudClient, name: string): Promise<FoundUpload> {
  const byId = LEAST_PREFIX.test(name) ? await findById(client, name.toLowerCase()) : [];
  if (byId.length > 1) {
    const candidates = byId.map(({ uploadId, key }) => `  ${uploadId}  ${key}`).join('\n');
    throw new UserError(`more than one upload id begins with "${name}":\n${candidates}`);
  }
  const [upload] = byId.length === 1 ? byId : await findByKey(client, name);
  if (upload === undefined) {
    throw new UserError(
      `there is no upload "${name}": "${client.commandLine('uploads')}" lists them by file, with --json by id and key`,
    );
  }
  return upload;
}

async function findById(client: CloudClient, start: string): Promise<FoundUpload[]> {
  const rows = await client.query(
    `SELECT ${COLUMNS} FROM ledger.uploads WHERE starts_with(CAST(upload_id AS text), :start) LIMIT ${MOST_NAMED}`,
    { start },
  );
  return rows.map(uploadOf);
}

async function findByKey(client: CloudClient, name: string): Promise<FoundUpload[]> {
  const rows = await client.query(
    `SELECT ${COLUMNS} FROM ledger.uploads
     WHERE object_key = :name OR right(object_key, length(:name) + 1) = '/' || :name
     ORDER BY received_at DESC, moved_at DESC LIMIT 1`,
    { name },
  );
  return rows.map(uploadOf);
}

function uploadOf(row: Record<string, SqlValue>): FoundUpload {
  return {
    uploadId: String(row.upload_id),
    key: String(row.object_key),
    storeId: String(row.store_id),
    header: row.header_text as string | null,
    format: readFormatSummary(row.format),
  };
}
