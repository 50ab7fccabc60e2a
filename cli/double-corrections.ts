import type { Difference } from '../lambdas/shared/verification.ts';
import type { CloudClient } from './cloud-client.ts';

/** Rejected rows that are named. */
const MAX_ROWS = 100;

/**
 * Finds rejected rows that several files corrected with different ids: their sales count more than once.
 * @param uploadIds whose rows are rejected, or correct rejected ones @default all
 */
export async function findDoubleCorrections(
  client: CloudClient,
  uploadIds?: readonly string[],
): Promise<Difference[]> {
  if (uploadIds?.length === 0) return [];
  const rows = await client.query(
    `SELECT d.upload_id AS "uploadId", d.object_key AS key, d.line,
            (SELECT string_agg(left(u.upload_id::text, 8) || ' (' || u.object_key || ')', ' and ' ORDER BY u.received_at, u.upload_id)
             FROM ledger.uploads AS u WHERE u.upload_id = ANY (d.corrected_by)) AS "correctedBy"
     FROM ledger.find_double_corrections(CAST(nullif(:uploads, '') AS json), ${MAX_ROWS}) AS d`,
    { uploads: uploadIds === undefined ? '' : JSON.stringify(uploadIds) },
  );
  return rows.map(({ uploadId, key, line, correctedBy }) => {
    const text = `line ${line} was corrected with different ids by ${correctedBy}: each is a sale in the table. Retract all but one`;
    return { uploadId: String(uploadId), key: String(key), text };
  });
}
