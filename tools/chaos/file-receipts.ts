import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { FileReceipt } from '../../lambdas/core/file-receipt.ts';
import { RECEIPTS_PREFIX } from '../../lambdas/core/upload-key.ts';
import type { Clients } from './clients.ts';

const POLL_MILLISECONDS = 200;

/**
 * Waits until every ended upload of a store has a receipt that says what the ledger says, and the store has no other.
 * Several receipts of an upload are possible: the last one counts.
 * @returns a description of each problem that is left after the timeout
 */
export async function findFileReceiptProblems(
  clients: Clients,
  storeId: string,
  timeoutMilliseconds: number,
): Promise<string[]> {
  const deadline = Date.now() + timeoutMilliseconds;
  for (;;) {
    const problems = await compareReceipts(clients, storeId);
    if (problems.length === 0 || Date.now() > deadline) return problems;
    await sleep(POLL_MILLISECONDS);
  }
}

async function compareReceipts(clients: Clients, storeId: string): Promise<string[]> {
  const receipts = await readReceipts(clients, storeId);
  const { rows } = await clients.database.query<{ id: string; key: string; result: string }>(
    `SELECT upload_id AS id, object_key AS key,
       concat_ws(' ', status, failure_code, rows_inserted, rows_duplicate, rows_conflicting, rows_rejected,
         rows_retracted, rows_replaced) AS result
     FROM ledger.uploads WHERE store_id = $1 AND status IN ('complete', 'failed')
       AND NOT starts_with(object_key, 'incoming/decisions/')`,
    [storeId],
  );
  const known = new Set(rows.map(({ id }) => id));
  const foreign = [...receipts.keys()].filter((id) => !known.has(id));
  return [
    ...foreign.map((id) => `a receipt names the upload ${id}, which has not ended`),
    ...rows.flatMap(({ id, key, result }) => {
      const receipt = receipts.get(id);
      if (receipt === undefined) return [`${key}: the upload ${id} has no receipt`];
      const { status, failure, rows: counts } = receipt;
      const { inserted, duplicate, conflicting, rejected, retracted, replaced } = counts;
      const results = [inserted, duplicate, conflicting, rejected, retracted, replaced];
      const told = [status, failure?.code, ...results];
      const text = told.filter((part) => part !== undefined).join(' ');
      return text === result ? [] : [`${key}: the receipt says ${text}, the ledger ${result}`];
    }),
  ];
}

/** Reads the last receipt of each upload. */
async function readReceipts({ s3, outputs }: Clients, storeId: string): Promise<Map<string, FileReceipt>> {
  const Bucket = outputs.bucketName;
  const Prefix = `${RECEIPTS_PREFIX}store=${storeId}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const last = new Map<string, FileReceipt>();
  for (const { Key = '' } of Contents.filter(({ Key }) => Key?.endsWith('.json'))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const receipt = JSON.parse(await Body!.transformToString()) as FileReceipt;
    const { uploadId, sequence } = receipt;
    if (sequence > (last.get(uploadId)?.sequence ?? 0)) last.set(uploadId, receipt);
  }
  return last;
}
