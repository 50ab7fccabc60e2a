import { GetObjectCommand, ListObjectsV2Command, type ListObjectsV2Output } from '@aws-sdk/client-s3';
import type { FileReceipt } from '../lambdas/core/file-receipt.ts';
import { RECEIPTS_PREFIX } from '../lambdas/core/upload-key.ts';
import type { Difference } from '../lambdas/shared/verification.ts';
import type { CloudClient } from './cloud-client.ts';

/** End of the name of a receipt: the beginning of the file's id. */
const RECEIPT_NAME = /-([0-9a-f]{8})(?:-\d+)?\.json$/;

/**
 * Finds files that a receipt calls complete and the database does not know, as after the loss of the database or the
 * restore of an older one. Only the receipts of such files are read.
 * @param reported object versions, `<version> <key>`, that are known to be missing
 */
export async function findLostReceipts(
  client: CloudClient,
  reported: ReadonlySet<string>,
): Promise<Difference[]> {
  const { s3, bucket: Bucket } = client;
  const lost = new Map<string, Difference>();
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2Output = await s3.send(
      new ListObjectsV2Command({ Bucket, Prefix: RECEIPTS_PREFIX, ContinuationToken }),
    );
    const keys = (page.Contents ?? []).flatMap(({ Key = '' }) => (RECEIPT_NAME.test(Key) ? [Key] : []));
    for (const Key of await findUnknown(client, keys)) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { status, key, versionId, completedAt } = JSON.parse(
        await Body!.transformToString(),
      ) as FileReceipt;
      const name = `${versionId} ${key}`;
      if (status !== 'complete' || reported.has(name)) continue;
      const text = `version ${versionId} was complete at ${completedAt}, as its receipt says, and is not in the ledger`;
      lost.set(name, { uploadId: '', key, text });
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return [...lost.values()];
}

/** Returns the receipts of files that the ledger does not have. */
async function findUnknown(client: CloudClient, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const starts = [...new Set(keys.map((key) => RECEIPT_NAME.exec(key)![1]!))];
  // A range of ids uses the index on them.
  const rows = await client.query(
    `SELECT s.start FROM json_array_elements_text(CAST(:starts AS json)) AS s (start)
     WHERE NOT EXISTS (
       SELECT FROM ledger.uploads AS u
       WHERE u.file_id BETWEEN CAST(s.start || '-0000-0000-0000-000000000000' AS uuid)
                           AND CAST(s.start || '-ffff-ffff-ffff-ffffffffffff' AS uuid))`,
    { starts: JSON.stringify(starts) },
  );
  const unknown = new Set(rows.map(({ start }) => start));
  return keys.filter((key) => unknown.has(RECEIPT_NAME.exec(key)![1]!));
}
