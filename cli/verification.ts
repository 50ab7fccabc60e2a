import { listUploads } from '../lambdas/shared/list-uploads.ts';
import type { CreatedObject } from '../lambdas/shared/s3-event.ts';
import { checkLedger, type Difference, findStuckUploads } from '../lambdas/shared/verification.ts';
import type { CloudClient } from './cloud-client.ts';

/** Time without progress after which a loading upload is a difference. */
const STUCK_AFTER_SECONDS = 3_600;

export interface Verification {
  readonly uploads: number;
  readonly objects: number;
  /** Number of uploads that are loading right now. */
  readonly loading: number;
  readonly differences: readonly Difference[];
}

/** Compares the ledger with its parts and the table, and the bucket with the ledger. Changes nothing. */
export async function verify(client: CloudClient): Promise<Verification> {
  const query = client.rows.bind(client);
  const { uploadsChecked: uploads, differences } = await checkLedger(query, '-infinity');
  const stuck = await findStuckUploads(query, STUCK_AFTER_SECONDS);
  const missing: Difference[] = [];
  let objects = 0;
  for await (const page of listUploads(client.s3, client.bucket)) {
    objects += page.objects.length;
    for (const { key, versionId, receivedAt } of await findUnknown(client, page.objects)) {
      const text = `version ${versionId}, uploaded ${receivedAt}, is not in the ledger`;
      missing.push({ uploadId: '', key, text });
    }
  }
  const [open] = await client.query(`SELECT count(*) AS count FROM ledger.uploads WHERE status = 'loading'`);
  return {
    uploads,
    objects,
    loading: Number(open?.count),
    differences: [...differences, ...stuck.differences, ...missing],
  };
}

/** Finds the object versions that no upload in the ledger has. */
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
