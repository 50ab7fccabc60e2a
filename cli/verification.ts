import type { CreatedObject } from '../lambdas/shared/object-created-event.ts';
import type { CloudClient } from './cloud-client.ts';

const PAGE_SIZE = 100;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
/** Until then an upload may be on its way. */
const STUCK_AFTER = '1 hour';

export interface Difference {
  /** The object key, or the upload's id where there is no key. */
  readonly what: string;
  readonly uploadId: string | null;
  readonly text: string;
}

export interface Verification {
  readonly uploads: number;
  readonly objects: number;
  /** Uploads that are on their way right now. */
  readonly loading: number;
  readonly differences: readonly Difference[];
}

/** Compares the ledger with itself and the table, and the bucket with the ledger. Changes nothing. */
export async function verify(client: CloudClient): Promise<Verification> {
  const differences: Difference[] = [];
  const uploads = await verifyUploads(client, differences);
  const objects = await verifyObjects(client, differences);
  for (const { upload_id } of await client.query(
    'SELECT upload_id FROM ledger.find_unknown_uploads() LIMIT 1000',
    {},
  )) {
    if (upload_id === null) {
      differences.push({
        what: 'transactions',
        uploadId: null,
        text: 'the table has rows that no upload brought',
      });
      continue;
    }
    const uploadId = String(upload_id);
    differences.push({
      what: uploadId,
      uploadId,
      text: 'the table has rows of it, and the ledger does not know it',
    });
  }
  const [open] = await client.query(
    `SELECT count(*) AS count FROM ledger.uploads WHERE status = 'loading'`,
    {},
  );
  return { uploads, objects, loading: Number(open?.count), differences };
}

async function verifyUploads(client: CloudClient, differences: Difference[]): Promise<number> {
  let checked = 0;
  let after = BEFORE_ALL;
  for (;;) {
    const page = await client.query(
      `SELECT v.upload_id, u.object_key, array_to_string(v.differences || CASE
         WHEN u.status = 'loading' AND u.moved_at < now() - interval '${STUCK_AFTER}'
         THEN format('is loading, and has not moved since %s', to_char(u.moved_at, 'YYYY-MM-DD HH24:MI')) END, '; ') AS text
       FROM ledger.verify('-infinity', CAST(:after AS uuid), ${PAGE_SIZE}) AS v
       JOIN ledger.uploads AS u USING (upload_id) ORDER BY v.upload_id`,
      { after },
    );
    for (const { upload_id, object_key, text } of page) {
      after = String(upload_id);
      if (text !== '') differences.push({ what: String(object_key), uploadId: after, text: String(text) });
    }
    checked += page.length;
    if (page.length < PAGE_SIZE) return checked;
  }
}

async function verifyObjects(client: CloudClient, differences: Difference[]): Promise<number> {
  let checked = 0;
  for await (const page of client.listDropped()) {
    for (const { key, versionId, receivedAt } of await findUnknown(client, page)) {
      const text = `dropped ${receivedAt}, version ${versionId}: no upload of it is in the ledger`;
      differences.push({ what: key, uploadId: null, text });
    }
    checked += page.length;
  }
  return checked;
}

/** Those of which the ledger has no upload. */
async function findUnknown(client: CloudClient, objects: readonly CreatedObject[]): Promise<CreatedObject[]> {
  const rows = await client.query(
    `SELECT o."versionId" FROM json_to_recordset(CAST(:objects AS json)) AS o (key text, "versionId" text)
     WHERE NOT EXISTS (
       SELECT FROM ledger.uploads AS u
       WHERE u.bucket = :bucket AND u.object_key = o.key AND u.version_id = o."versionId")`,
    {
      objects: JSON.stringify(objects.map(({ key, versionId }) => ({ key, versionId }))),
      bucket: client.bucket,
    },
  );
  const unknown = new Set(rows.map(({ versionId }) => versionId));
  return objects.filter(({ versionId }) => unknown.has(versionId));
}
