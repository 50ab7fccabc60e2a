import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type pg from 'pg';
import { REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import { type Clients, type Drop, drainQueue, type PutDecision } from './clients.ts';
import type { ExpectedRow } from './made-up-file.ts';
import { judgeVersions, placeOf, type Version } from './version-model.ts';

/** Everything that was uploaded into one store's folder or sent to the upload queue. */
interface Dropped {
  readonly storeId: string;
  readonly drops: readonly Drop[];
  readonly decisions: readonly PutDecision[];
  /** Messages that the parser cannot read. */
  readonly poisons: readonly string[];
}

interface StoredVersion extends ExpectedRow {
  readonly date: string;
  readonly uploadId: string;
  readonly line: number;
  readonly fate: string;
}

interface StoredUpload {
  readonly uploadId: string;
  readonly receivedAt: string;
  readonly result: string;
  /** Rows read, and rows by result. */
  readonly counts: readonly string[];
}

const STORED_VERSIONS = `
  SELECT v.id::text, category, name, quantity::float8 AS quantity, amount_excl_tax::text AS "amountExclTax",
    amount_inc_tax::text AS "amountIncTax", transaction_date::text AS date, upload_id AS "uploadId", line, fate
  FROM (SELECT *, 'inserted' AS fate FROM transactions UNION ALL SELECT * FROM ledger.other_versions) AS v
  WHERE store_id = $1`;
const STORED_UPLOADS = `
  SELECT upload_id AS "uploadId", to_char(received_at, 'YYYY-MM-DD HH24:MI:SS.US') AS "receivedAt",
    CASE status WHEN 'failed' THEN failure_code ELSE status END AS result,
    ARRAY[rows_read, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected, rows_retracted, rows_replaced]
      AS counts
  FROM ledger.uploads WHERE object_key = $1 AND version_id = $2`;

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

/**
 * Every row of every file must be in the table, be kept as another version, or be rejected, as the files and decisions
 * together make it.
 */
async function findRowProblems(
  { database }: Clients,
  { storeId, drops, decisions }: Dropped,
): Promise<string[]> {
  const { rows: stored } = await database.query<StoredVersion>(STORED_VERSIONS, [storeId]);
  const problems: string[] = [];
  const versions: Version[] = [];
  for (const drop of drops) {
    const { key, versionId, file, isDeleted } = drop;
    const name = `${key} (${versionId.slice(0, 8)})`;
    const { rows: uploads } = await database.query<StoredUpload>(STORED_UPLOADS, [key, versionId]);
    const [upload] = uploads;
    if (upload === undefined && isDeleted) continue;
    const results = [file.failure ?? 'complete', ...(isDeleted ? ['object-deleted'] : [])];
    if (upload === undefined || uploads.length > 1) {
      problems.push(`${name}: it has ${uploads.length} uploads in the ledger`);
    } else if (!results.includes(upload.result)) {
      problems.push(`${name}: is ${upload.result}, expected ${results.join(' or ')}`);
    } else {
      // An upload whose object was deleted may have loaded some of its batches.
      const loaded = new Set(
        stored.filter(({ uploadId }) => uploadId === upload.uploadId).map(({ line }) => line),
      );
      const isWhole = upload.result === 'complete';
      for (const [line, { id, ...row }] of file.rows) {
        const content = describeContent({ ...row, date: file.date });
        if (isWhole || loaded.has(line))
          versions.push({ ...upload, id, content, line, key, versionId, reading: '' });
      }
      if (isWhole) problems.push(...(await findRejectProblems(database, drop, upload)));
    }
  }
  return [...problems, ...(await findVersionProblems(database, versions, stored, decisions))];
}

/** Compares all accepted rows of a store with the rule by which one version of each id is valid. */
async function findVersionProblems(
  database: pg.Client,
  versions: readonly Version[],
  stored: readonly StoredVersion[],
  decisions: readonly PutDecision[],
): Promise<string[]> {
  const { rows: received } = await database.query<{ key: string; receivedAt: string }>(
    `SELECT object_key AS key, to_char(received_at, 'YYYY-MM-DD HH24:MI:SS.US') AS "receivedAt" FROM ledger.decisions
     WHERE object_key = ANY ($1) AND state = 'done'`,
    [decisions.map(({ key }) => key)],
  );
  const times = new Map(received.map(({ key, receivedAt }) => [key, receivedAt]));
  const problems = decisions.flatMap(({ key }) => (times.has(key) ? [] : [`${key} was not applied`]));
  const facts = decisions.map(({ key, versionId, kind, file, lines }) => {
    return { kind, ...file, lines, place: `${key} ${versionId}`, receivedAt: times.get(key) ?? '' };
  });
  const expected = new Map<string, string>();
  const fates = judgeVersions(versions, facts);
  for (const version of versions) {
    expected.set(placeOf(version), `${fates.get(placeOf(version))} ${version.id} ${version.content}`);
  }
  const found = new Map(stored.map((row) => [placeOf(row), `${row.fate} ${row.id} ${describeContent(row)}`]));
  for (const place of new Set([...expected.keys(), ...found.keys()])) {
    const [right, present] = [expected.get(place) ?? 'no version', found.get(place) ?? 'no version'];
    if (right !== present) problems.push(`line ${place} is ${present}, expected ${right}`);
  }
  return problems;
}

/** Compares the rejected rows of an upload with those of its file. Their number and that of its versions are its rows. */
async function findRejectProblems(
  database: pg.Client,
  { key, file }: Drop,
  { uploadId, counts: [read, ...results] }: StoredUpload,
): Promise<string[]> {
  const expected = new Set([...file.rejects].map(([line, code]) => `line ${line} rejected: ${code}`));
  const { rows } = await database.query<{ result: string }>(
    `SELECT format('line %s rejected: %s', line, code) AS result FROM ledger.rejected_rows WHERE upload_id = $1`,
    [uploadId],
  );
  const found = new Set(rows.map(({ result }) => result));
  const total = file.rows.size + file.rejects.size;
  const sum = results.reduce((all, count) => all + Number(count), 0);
  return [
    ...(Number(read) === total && sum === total
      ? []
      : [`${key}: ${read} rows read, ${results}; expected ${total}`]),
    ...[...expected.difference(found)].map((result) => `${key}: ${result} is not in the ledger`),
    ...[...found.difference(expected)].map(
      (result) => `${key}: ${result} is in the ledger, but not expected`,
    ),
  ];
}

/** Describes all of a row but its id. */
function describeContent(row: Omit<ExpectedRow, 'id'> & { readonly date: string }): string {
  const { date, category, name, quantity, amountExclTax, amountIncTax } = row;
  return JSON.stringify([date, category, name, quantity, amountExclTax, amountIncTax]);
}

async function findDeadLetterProblems({ sqs, outputs }: Clients, { poisons }: Dropped): Promise<string[]> {
  const ofUploads = await drainQueue(sqs, outputs.uploadDeadLetterQueueUrl);
  const ofRows = await drainQueue(sqs, outputs.rowDeadLetterQueueUrl);
  const ofCalls = await drainQueue(sqs, outputs.callDeadLetterQueueUrl);
  const ofNotices = await drainQueue(sqs, outputs.noticeDeadLetterQueueUrl);
  // A message that was delivered twice may be in the queue twice.
  const unexpected = [
    ...ofUploads.filter(({ body }) => !poisons.includes(body)),
    ...ofRows,
    ...ofCalls,
    ...ofNotices,
  ];
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
