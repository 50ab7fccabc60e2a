import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import { findRowProblems } from './account-rows.ts';
import { type Clients, type Drop, drainQueue } from './clients.ts';

/** Everything that was uploaded into one store's folder or sent to the upload queue. */
interface Dropped {
  readonly storeId: string;
  readonly drops: readonly Drop[];
  /** Messages that the parser cannot read. */
  readonly poisons: readonly string[];
}

/**
 * Accounts for everything that was uploaded, after all work is finished: rows, dead-letter messages, the ledger's own
 * check, the files of rejected rows.
 * @returns a description of each problem
 */
export async function findProblems(clients: Clients, dropped: Dropped): Promise<string[]> {
  return [
    ...(await findRowProblems(clients.database, dropped.storeId, dropped.drops)),
    ...(await findDeadLetterProblems(clients, dropped)),
    ...(await findDifferences(clients, dropped)),
    ...(await findMissingRejects(clients, dropped)),
  ];
}

async function findDeadLetterProblems({ sqs, outputs }: Clients, { poisons }: Dropped): Promise<string[]> {
  const ofUploads = await drainQueue(sqs, outputs.uploadDeadLetterQueueUrl);
  const ofRows = await drainQueue(sqs, outputs.rowDeadLetterQueueUrl);
  // A message that was delivered twice may be in the queue twice.
  const unexpected = [...ofUploads.filter(({ body }) => !poisons.includes(body)), ...ofRows];
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
  const found = new Map<string, Set<number>>();
  const Prefix = `${REJECTED_PREFIX}store=${storeId}/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  for (const { Key = '' } of Contents) {
    const id = /rejected-([0-9a-f]{8})/.exec(Key)![1]!;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const lines = found.get(id) ?? new Set();
    // Each rejected row of a made-up file is one line.
    for (const [, line] of (await Body!.transformToString()).matchAll(/^(\d+)[,;\t]/gm))
      lines.add(Number(line));
    found.set(id, lines);
  }
  const { rows } = await database.query<{ id: string; lines: number[] }>(
    `SELECT left(r.upload_id::text, 8) AS id, array_agg(r.line) AS lines FROM ledger.rejected_rows AS r
     JOIN ledger.uploads AS u USING (upload_id) WHERE u.store_id = $1 AND u.status = 'complete' GROUP BY 1`,
    [storeId],
  );
  return rows.flatMap(({ id, lines }) => {
    const missing = lines.filter((line) => !found.get(id)?.has(line));
    return missing.length === 0
      ? []
      : [`lines ${missing.join(', ')} of upload ${id} are in no file under rejected/`];
  });
}
