import type { UploadAnswer, UploadEntry, UploadsAnswer } from '../core/api-answers.ts';
import { zoneOf } from '../core/deadlines.ts';
import type { ApiSettings } from '../shared/api-settings.ts';
import { type HttpEvent, type Stores, storesOf } from './callers.ts';
import { inMicroseconds, isOfStores, joinStores, type Ledger, PAGE_ROWS, pageOf, UUID } from './ledger.ts';
import { Parameters, UPLOAD_FILTERS, type UploadFilter } from './parameters.ts';
import { ProblemError } from './problem.ts';

const UPLOAD_ID = new RegExp(`^${UUID}$`);
/** Position in the list: the time in microseconds since the epoch, and the id. */
const POSITION = new RegExp(`^(\\d{1,16})_(${UUID})$`);
/**
 * A response of the Data API has at most 1 MiB, and a row at most 64 KB. A key has up to 1,024 bytes, and JSON up to seven
 * for each of them.
 */
const MAX_LISTED_MESSAGE = 300;
const MAX_MESSAGE = 1_000;
const MAX_HEADER = 2_500;
/** Uploads of an answer that are related to it, and decisions. */
const MAX_RELATED = 50;
const MAX_DECISIONS = 10;
const MAX_REASON = 200;
const MAX_NAME = 60;

const entryWith = (maxMessage: number) => `
  'uploadId', h.upload_id, 'fileId', h.file_id, 'store', h.store_id, 'key', h.object_key,
  'versionId', h.version_id, 'status', h.status,
  'rows', json_build_object('read', h.rows_read, 'inserted', h.rows_inserted, 'duplicate', h.rows_duplicate,
    'conflicting', h.rows_conflicting, 'rejected', h.rows_rejected, 'retracted', h.rows_retracted,
    'replaced', h.rows_replaced,
    'open', CASE WHEN h.rows_rejected = 0 THEN 0 ELSE ledger.count_open(h.upload_id) END),
  'failure', CASE WHEN h.failure_code IS NOT NULL
                  THEN json_build_object('code', h.failure_code, 'message', left(h.failure_message, ${maxMessage})) END,
  'firstDay', h.first_day, 'lastDay', h.last_day, 'receivedAt', ${inMicroseconds('h.received_at')},
  'movedAt', ledger.format_time(h.moved_at), 'completedAt', ledger.format_time(h.completed_at)`;

const FILTERS: Readonly<Record<UploadFilter, string>> = {
  loading: `h.status = 'loading'`,
  complete: `h.status = 'complete'`,
  failed: `h.status = 'failed'`,
  superseded: `h.status = 'superseded'`,
  rejected: 'h.rows_rejected > 0',
  open: 'h.rows_rejected > 0 AND ledger.count_open(h.upload_id) > 0',
};
const dayStart = (days: number) => `CAST(CAST(:day AS date) + ${days} AS timestamp) AT TIME ZONE :zone`;

/** Time and id of the last upload of the former page. */
const BEFORE = `CAST('epoch' AS timestamptz) + CAST(:moment AS bigint) * interval '1 microsecond', CAST(:id AS uuid)`;

type Stored<Entry extends UploadEntry> = Omit<Entry, 'receivedAt'> & { readonly receivedAt: number };

/** `GET /uploads`: the newest first. */
export async function listUploads(
  event: HttpEvent,
  ledger: Ledger,
  { deadlines }: Pick<ApiSettings, 'deadlines'>,
): Promise<UploadsAnswer> {
  const parameters = new Parameters(event, 'listUploads');
  const stores = parameters.stores();
  const status = parameters.choice('status', UPLOAD_FILTERS);
  const [day, name, code] = [parameters.day('day'), parameters.text('name'), parameters.text('code')];
  const [moment, id] = parameters.position('before', POSITION) ?? [];
  // The table whose index finds the page.
  const p = code ? 'c' : 'h';
  // By rows: an equal store would leave the planner an index on the time alone, with the uploads of all stores.
  const bound = (columns: string, comparison: '>=' | '<', values: string) =>
    stores === undefined
      ? `(${columns}) ${comparison} (${values})`
      : `(${p}.store_id, ${columns}) ${comparison} (s.name, ${values})`;
  const conditions = [
    bound(`${p}.received_at`, '>=', day ? dayStart(0) : `'-infinity'`),
    (day || !moment) && bound(`${p}.received_at`, '<', day ? dayStart(1) : `'infinity'`),
    moment && bound(`${p}.received_at, ${p}.upload_id`, '<', BEFORE),
    status && FILTERS[status],
    code && 'c.code = :code',
    name && "strpos(lower(substring(h.object_key FROM '[^/]*$')), lower(:name)) > 0",
  ].filter((condition) => typeof condition === 'string');
  const stored = await ledger.read<Stored<UploadEntry>>(selectPage(stores, conditions, p), {
    ...(stores && { stores: joinStores(stores) }),
    // The days of `GET /days`, where each store has its own zone.
    ...(day && { day, zone: zoneOf(deadlines, stores?.length === 1 ? stores[0]! : '') }),
    ...(name && { name }),
    ...(code && { code }),
    ...(moment && id && { moment, id }),
  });
  const position = (last: Stored<UploadEntry>) => `${last.receivedAt}_${last.uploadId}`;
  return { uploads: stored.map(toEntry), ...pageOf(stored, position) };
}

/**
 * Selects a page: that of each store is found by an index, however rare its uploads are.
 * @param p alias of the uploads, or of their reject codes
 */
function selectPage(stores: Stores, conditions: readonly string[], p: 'h' | 'c'): string {
  const joined = p === 'c' ? 'JOIN ledger.reject_codes AS c ON c.upload_id = h.upload_id' : '';
  const order = `${p}.received_at DESC, ${p}.upload_id DESC LIMIT ${PAGE_ROWS}`;
  const newest = `SELECT h.* FROM ledger.upload_history AS h ${joined} WHERE ${conditions.join(' AND ')}`;
  const page =
    stores === undefined
      ? `${newest} ORDER BY ${order}`
      : `SELECT h.* FROM unnest(string_to_array(:stores, ',')) AS s (name)
         CROSS JOIN LATERAL (${newest} ORDER BY ${p}.store_id DESC, ${order}) AS h
         ORDER BY h.received_at DESC, h.upload_id DESC LIMIT ${PAGE_ROWS}`;
  return `SELECT CAST(json_build_object(${entryWith(MAX_LISTED_MESSAGE)}) AS text) FROM (${page}) AS h
          ORDER BY h.received_at DESC, h.upload_id DESC`;
}

/** `GET /uploads/{id}` */
export async function getUpload(event: HttpEvent, ledger: Ledger): Promise<UploadAnswer> {
  new Parameters(event, 'getUpload');
  return toEntry(
    await findUpload<Stored<UploadAnswer>>(event, ledger, `${entryWith(MAX_MESSAGE)}${DETAILS}`),
  );
}

/**
 * Returns the id of the path's upload.
 * @throws {ProblemError} if the ledger has no such upload of the caller's stores
 */
export async function checkUpload(event: HttpEvent, ledger: Ledger): Promise<string> {
  return (await findUpload<{ readonly uploadId: string }>(event, ledger, "'uploadId', h.upload_id")).uploadId;
}

const unlessLong = (column: string) =>
  `CASE WHEN length(CAST(${column} AS text)) <= ${MAX_HEADER} THEN ${column} END`;

/** JSON of the ids of uploads of the same store. @param selected uploads as `o` */
function relatedOf(selected: string): string {
  return `(SELECT coalesce(json_agg(x.upload_id ORDER BY x.received_at), '[]') FROM (${selected}
    WHERE o.store_id = h.store_id AND o.status <> 'superseded' ORDER BY o.received_at LIMIT ${MAX_RELATED}) AS x)`;
}

/** Columns of one upload in addition to those of a list. */
const DETAILS = `, 'header', ${unlessLong('h.header_text')}, 'format', ${unlessLong('h.format')}, 'parserRevision', h.parser_revision,
  'corrects', ${relatedOf(`
    SELECT o.upload_id, o.received_at
    FROM (SELECT DISTINCT c.file_id FROM ledger.corrections AS c WHERE c.upload_id = h.upload_id) AS c
    JOIN ledger.upload_history AS o ON o.file_id = c.file_id`)},
  'correctedBy', ${relatedOf(`
    SELECT o.upload_id, o.received_at
    FROM (SELECT DISTINCT c.upload_id FROM ledger.corrections AS c WHERE c.file_id = h.file_id) AS c
    JOIN ledger.upload_history AS o ON o.upload_id = c.upload_id`)},
  'decisions', (
    SELECT coalesce(json_agg(json_build_object('kind', x.kind, 'reason', left(x.reason, ${MAX_REASON}),
      'by', left(x.decided_by, ${MAX_NAME}), 'decidedAt', ledger.format_time(x.decided_at), 'state', x.state,
      'lines', left(CAST(x.lines AS text), ${MAX_REASON})) ORDER BY x.decided_at), '[]')
    FROM (
      SELECT d.* FROM ledger.decisions AS d
      WHERE d.bucket = h.bucket AND d.file_key = h.object_key AND d.file_version = h.version_id
      ORDER BY d.decided_at DESC LIMIT ${MAX_DECISIONS}
    ) AS x)`;

/** Finds the upload of the path. @param members of the JSON that is returned */
async function findUpload<Found>(
  { pathParameters, requestContext }: HttpEvent,
  ledger: Ledger,
  members: string,
) {
  const id = pathParameters?.id?.toLowerCase() ?? '';
  const stores = joinStores(storesOf(requestContext));
  const [upload] = UPLOAD_ID.test(id)
    ? await ledger.read<Found>(
        `SELECT CAST(json_build_object(${members}) AS text) FROM ledger.upload_history AS h
         WHERE h.upload_id = CAST(:id AS uuid) AND ${isOfStores('h.store_id')}`,
        { id, stores },
      )
    : [];
  if (upload !== undefined) return upload;
  throw new ProblemError(
    'not-found',
    'The ledger has no such upload yet. GET /uploads lists those that it has.',
  );
}

function toEntry<Entry extends UploadEntry>({ receivedAt, ...upload }: Stored<Entry>): Entry {
  const entry: unknown = { ...upload, receivedAt: new Date(receivedAt / 1_000).toISOString() };
  return entry as Entry;
}
