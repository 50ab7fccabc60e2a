import type { Query } from './data-api.ts';

/** Uploads per call: a call of the Data API has 45 seconds. */
const PAGE_SIZE = 100;
export const FIRST_UPLOAD_ID = '00000000-0000-0000-0000-000000000000';
/** Unknown or stuck uploads that are listed. */
const MAX_LISTED = 100;

/** One finding about an upload; the key and the upload's id are empty if the table has rows without them. */
export interface Difference {
  readonly uploadId: string;
  readonly key: string;
  readonly text: string;
}

/**
 * Checks the uploads since a time against their batches and their rows in the table.
 * @param since ISO 8601, or `-infinity` for all uploads
 */
export async function checkLedger(query: Query, since: string) {
  const differences: Difference[] = [];
  let [uploadsChecked, rowsChecked] = [0, 0];
  for (let page: string[][] = [], after = FIRST_UPLOAD_ID; ; ) {
    page = await query(
      `SELECT v.upload_id, u.object_key, array_to_string(v.differences, '; '),
              CAST(u.rows_read AS text)
       FROM ledger.verify(CAST(:since AS timestamptz), CAST(:after AS uuid), ${PAGE_SIZE}) AS v
       JOIN ledger.uploads AS u USING (upload_id) ORDER BY v.upload_id`,
      { since, after },
    );
    for (const [uploadId = '', key = '', text = '', rows] of page) {
      rowsChecked += Number(rows);
      if (text !== '') differences.push({ uploadId, key, text });
    }
    uploadsChecked += page.length;
    if (page.length < PAGE_SIZE) break;
    after = page.at(-1)![0]!;
  }
  for (const [uploadId = ''] of await query(
    `SELECT upload_id FROM ledger.find_unknown_uploads() LIMIT ${MAX_LISTED}`,
    {},
  )) {
    const text =
      uploadId === ''
        ? 'the table has rows without an upload id'
        : 'rows of the table have this upload id, but the ledger has no such upload';
    differences.push({ uploadId, key: '', text });
  }
  return { uploadsChecked, rowsChecked, differences };
}

/** Finds the uploads that have made no progress for a time. @returns their number, and a finding about each of the first */
export async function findStuckUploads(query: Query, seconds: number) {
  const rows = await query(
    `SELECT upload_id, object_key, replace(left(ledger.format_time(moved_at), 16), 'T', ' ') || ' UTC',
            CAST(count(*) OVER () AS text), coalesce(d.kind, '') AS kind, coalesce(d.file_key, '') AS file
     FROM ledger.uploads LEFT JOIN ledger.decisions AS d USING (bucket, object_key, version_id)
     WHERE status = 'loading' AND moved_at <= now() - make_interval(secs => CAST(:seconds AS integer))
     ORDER BY moved_at LIMIT ${MAX_LISTED}`,
    { seconds: String(seconds) },
  );
  const differences = rows.map(
    ([uploadId = '', key = '', movedAt = '', , kind = '', file = '']): Difference => {
      const text =
        kind === ''
          ? `is still loading, without progress since ${movedAt}`
          : `is not applied since ${movedAt}: the decision to ${kind} ${file}, which may not be loaded`;
      return { uploadId, key, text };
    },
  );
  return { count: Number(rows[0]?.[3] ?? 0), differences };
}

/**
 * Finds the uploads of a parser revision whose files an earlier reading loaded better: rows that it inserted are
 * rejected now. After a rebuild, earlier readings may be unknown: a file that is older than the database, and that is
 * mostly rejected, is in danger too.
 * @param since time of completion, ISO 8601, or `-infinity` for all uploads
 * @returns a finding about each upload with rows that are not in the table, and about each other one
 */
export async function findReplayLosses(query: Query, since: string, revision: string) {
  const rows = await query(
    `SELECT l.upload_id, u.object_key, CAST(l.refused AS text), CAST(l.missing AS text)
     FROM ledger.find_replay_losses(CAST(:since AS timestamptz), :revision) AS l
     JOIN ledger.uploads AS u USING (upload_id) ORDER BY l.missing DESC, l.upload_id LIMIT ${MAX_LISTED}`,
    { since, revision },
  );
  const lost: Difference[] = [];
  const endangered: Difference[] = [];
  for (const [uploadId = '', key = '', refused = '', missing = ''] of rows) {
    const found = `${refused} rows that an earlier reading of the same file inserted are refused now`;
    if (missing === '0') {
      endangered.push({ uploadId, key, text: `${found}: a rebuild from the bucket would lose them` });
    } else lost.push({ uploadId, key, text: `${found}, and ${missing} of them are not in the table` });
  }
  const doubtful = await query(
    `SELECT d.upload_id, u.object_key, CAST(d.rows_rejected AS text), CAST(d.rows_read AS text),
            coalesce(d.failure_code, '')
     FROM ledger.find_doubtful_readings(CAST(:since AS timestamptz), :revision) AS d
     JOIN ledger.uploads AS u USING (upload_id) ORDER BY d.rows_rejected DESC, d.upload_id LIMIT ${MAX_LISTED}`,
    { since, revision },
  );
  for (const [uploadId = '', key = '', rejected = '', read = '', code = ''] of doubtful) {
    const outcome = code === '' ? `${rejected} of ${read} rows were rejected` : `it was refused (${code})`;
    const text =
      `was read for the first time by this database, which is younger than the file, and ${outcome}: check whether ` +
      'the settings were changed since it was uploaded (docs/restore.md, D)';
    endangered.push({ uploadId, key, text });
  }
  return { lost, endangered };
}
