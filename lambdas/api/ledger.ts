import type { CallResult, RefusedItem } from '../core/api-answers.ts';
import type { Database, StatementParameters } from '../shared/data-api.ts';
import { classifyError } from '../shared/errors.ts';
import { ProblemError } from './problem.ts';

const PAGE_ROWS = 100;
/** A response of the Data API has at most 1 MiB, with up to six bytes for a character (RDS user guide, "Limits"). */
const MAX_TEXT = 500;
/** Time in which a paused database resumes (Aurora user guide, "Scaling to zero"). */
const RESUME_SECONDS = 15;

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
export const UPLOAD_ID = new RegExp(`^${UUID}$`);
/** Position in the list of uploads: its time in microseconds since the epoch, and its id. */
export const CURSOR = new RegExp(`^(\\d{1,16})_(${UUID})$`);

/** An upload, as the ledger has it. */
export interface UploadEntry {
  readonly uploadId: string;
  readonly store: string;
  readonly key: string;
  readonly status: string;
  readonly rows: Readonly<
    Record<'read' | 'inserted' | 'duplicate' | 'conflicting' | 'rejected' | 'retracted' | 'replaced', number>
  >;
  readonly failure: { readonly code: string; readonly message: string } | null;
  /** ISO 8601, in UTC. */
  readonly receivedAt: string;
  readonly completedAt: string | null;
}

export interface RejectedEntry {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  readonly message: string;
  readonly text: string;
  /** True if the text is only the beginning of the row. */
  readonly isCut: boolean;
}

/** A result as `ledger.find_receipt` returns it. */
type StoredCall = Omit<CallResult, 'rejects' | 'failure'> & {
  readonly rejects?: readonly (Omit<RefusedItem, 'field'> & { readonly column: string })[];
  readonly failureCode?: string;
  readonly failureMessage?: string;
};

const MICROSECONDS = (column: string) => `CAST(extract(epoch FROM ${column}) * 1000000 AS bigint)`;
const UPLOAD = `json_build_object(
  'uploadId', upload_id, 'store', store_id, 'key', object_key, 'status', status,
  'rows', json_build_object('read', rows_read, 'inserted', rows_inserted, 'duplicate', rows_duplicate,
                            'conflicting', rows_conflicting, 'rejected', rows_rejected,
                            'retracted', rows_retracted, 'replaced', rows_replaced),
  'failure', CASE WHEN failure_code IS NOT NULL
                  THEN json_build_object('code', failure_code, 'message', failure_message) END,
  'receivedAt', ${MICROSECONDS('received_at')}, 'completedAt', ${MICROSECONDS('completed_at')})`;
/** An empty list is all stores. The names of stores have no commas. */
const OF_STORES = `(:stores = '' OR store_id = ANY (string_to_array(:stores, ',')))`;

type StoredUpload = Omit<UploadEntry, 'receivedAt' | 'completedAt'> & {
  readonly receivedAt: number;
  readonly completedAt: number | null;
};

/** Reads the ledger as `retail_api`. A database that is away or resuming is a problem that passes. */
export class Ledger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Lists uploads, the newest first.
   * @param stores those whose uploads are listed; undefined for all
   * @param before position after which the list continues
   */
  async listUploads(
    stores: readonly string[] | undefined,
    before = '',
  ): Promise<{ uploads: UploadEntry[]; next?: string }> {
    const [, moment = '', id = ''] = CURSOR.exec(before) ?? [];
    const position =
      before === ''
        ? ''
        : `AND (received_at, upload_id) <
             (CAST('epoch' AS timestamptz) + CAST(:moment AS bigint) * interval '1 microsecond', CAST(:id AS uuid))`;
    const stored = await this.#read<StoredUpload>(
      `SELECT CAST(${UPLOAD} AS text) FROM ledger.upload_history WHERE ${OF_STORES} ${position}
       ORDER BY received_at DESC, upload_id DESC LIMIT ${PAGE_ROWS}`,
      { stores: join(stores), ...(before !== '' && { moment, id }) },
    );
    const last = stored.at(-1);
    const uploads = stored.map(toEntry);
    return stored.length < PAGE_ROWS
      ? { uploads }
      : { uploads, next: `${last!.receivedAt}_${last!.uploadId}` };
  }

  /** @returns undefined if the ledger has no such upload of these stores */
  async findUpload(
    uploadId: string,
    stores: readonly string[] | undefined,
  ): Promise<UploadEntry | undefined> {
    const [upload] = await this.#read<StoredUpload>(
      `SELECT CAST(${UPLOAD} AS text) FROM ledger.upload_history WHERE upload_id = CAST(:id AS uuid) AND ${OF_STORES}`,
      { id: uploadId, stores: join(stores) },
    );
    return upload && toEntry(upload);
  }

  /** Lists rejected rows of an upload by line. @param after line after which the list begins */
  async listRejects(uploadId: string, after: number): Promise<{ rejects: RejectedEntry[]; next?: number }> {
    const rejects = await this.#read<RejectedEntry>(
      `SELECT CAST(json_build_object('line', line, 'field', column_name, 'code', code,
         'message', left(message, ${MAX_TEXT}), 'text', left(original_text, ${MAX_TEXT}),
         'isCut', length(original_text) > ${MAX_TEXT}) AS text)
       FROM ledger.rejected_rows WHERE upload_id = CAST(:id AS uuid) AND line > CAST(:after AS integer)
       ORDER BY line LIMIT ${PAGE_ROWS}`,
      { id: uploadId, after: String(after) },
    );
    return rejects.length < PAGE_ROWS ? { rejects } : { rejects, next: rejects.at(-1)!.line };
  }

  /** @returns the result of a call; undefined if the ledger does not have the call yet */
  async findReceipt(storeId: string, receipt: string): Promise<CallResult | undefined> {
    const [found] = await this.#read<StoredCall | null>(
      'SELECT CAST(ledger.find_receipt(CAST(:receipt AS uuid), CAST(:store AS text)) AS text)',
      { receipt, store: storeId },
    );
    if (!found) return undefined;
    const { rejects, failureCode: code, failureMessage: message = '', ...result } = found;
    return {
      ...result,
      ...(rejects && { rejects: rejects.map(({ column: field, ...reject }) => ({ field, ...reject })) }),
      ...(code !== undefined && { failure: { code, message } }),
    };
  }

  /** Runs a statement whose rows have one column, the text of JSON. */
  async #read<Row>(sql: string, parameters: StatementParameters): Promise<Row[]> {
    try {
      // Does not wait for a paused database: the call wakes it, and the caller tries again.
      const rows = await this.#database.rows(sql, parameters, Date.now());
      return rows.map(([json = '']) => JSON.parse(json || 'null') as Row);
    } catch (cause) {
      if (classifyError(cause) !== 'transient') throw cause;
      const detail = `The database is not available, or it is resuming. Try again in ${RESUME_SECONDS} seconds.`;
      throw new ProblemError('unavailable', detail, { cause, retryAfter: RESUME_SECONDS });
    }
  }
}

function join(stores: readonly string[] | undefined): string {
  return stores?.join(',') ?? '';
}

function toEntry({ receivedAt, completedAt, ...upload }: StoredUpload): UploadEntry {
  const toTime = (microseconds: number) => new Date(microseconds / 1_000).toISOString();
  return {
    ...upload,
    receivedAt: toTime(receivedAt),
    completedAt: completedAt === null ? null : toTime(completedAt),
  };
}
