import {
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2Output,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { FileReceipt } from '../core/file-receipt.ts';
import { RECEIPTS_PREFIX } from '../core/upload-key.ts';
import type { Query } from './data-api.ts';
import { decodeKey } from './upload-message.ts';
import type { Difference } from './verification.ts';

/** End of the name of a receipt: the beginning of the file's id. */
const RECEIPT_NAME = /-([0-9a-f]{8})(?:-\d+)?\.json$/;

export interface ReceiptSearch {
  readonly s3: S3Client;
  readonly bucketName: string;
  readonly query: Query;
  /** Time of the earliest receipt. @default every receipt */
  readonly since?: Date;
  /** Object versions, `<version> <key>`, that are known to be missing. @default none */
  readonly reported?: ReadonlySet<string>;
  /** Number of files after which the search ends. @default unlimited */
  readonly limit?: number;
}

/**
 * Finds files that a receipt calls complete and the database does not know, as after the loss of the database or the
 * restore of an older one. S3 lists all receipts, but only those of such files are read.
 */
export async function findLostReceipts({
  s3,
  bucketName: Bucket,
  query,
  since = new Date(0),
  reported = new Set(),
  limit = Number.POSITIVE_INFINITY,
}: ReceiptSearch): Promise<Difference[]> {
  const lost = new Map<string, Difference>();
  let ContinuationToken: string | undefined;
  do {
    const page: ListObjectsV2Output = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: RECEIPTS_PREFIX,
        // XML cannot have every character of a key (S3 API reference, "ListObjectsV2").
        EncodingType: 'url',
        ContinuationToken,
      }),
    );
    const keys = (page.Contents ?? [])
      .filter(({ LastModified }) => LastModified! >= since)
      .map(({ Key }) => decodeKey(Key!))
      .filter((key) => RECEIPT_NAME.test(key));
    for (const Key of await findUnknown(query, keys)) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { status, key, versionId, completedAt } = JSON.parse(
        await Body!.transformToString(),
      ) as FileReceipt;
      const name = `${versionId} ${key}`;
      if (status !== 'complete' || reported.has(name)) continue;
      const text = `version ${versionId} was complete at ${completedAt}, as its receipt says, and is not in the ledger`;
      lost.set(name, { uploadId: '', key, text });
      if (lost.size >= limit) return [...lost.values()];
    }
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return [...lost.values()];
}

/** Returns the receipts of files that the ledger does not have. */
async function findUnknown(query: Query, keys: readonly string[]): Promise<string[]> {
  if (keys.length === 0) return [];
  const starts = [...new Set(keys.map((key) => RECEIPT_NAME.exec(key)![1]!))];
  // A range of ids uses the index on them.
  const rows = await query(
    `SELECT s.start FROM json_array_elements_text(CAST(:starts AS json)) AS s (start)
     WHERE NOT EXISTS (
       SELECT FROM ledger.uploads AS u
       WHERE u.file_id BETWEEN CAST(s.start || '-0000-0000-0000-000000000000' AS uuid)
                           AND CAST(s.start || '-ffff-ffff-ffff-ffffffffffff' AS uuid))`,
    { starts: JSON.stringify(starts) },
  );
  const unknown = new Set(rows.flat());
  return keys.filter((key) => unknown.has(RECEIPT_NAME.exec(key)![1]!));
}
