import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { REJECTED_PREFIX } from '../../lambdas/core/upload-key.ts';
import { findWrongs } from './check.ts';
import type { Clients } from './clients.ts';
import { takeAll } from './dead-letters.ts';
import type { Drop } from './drop.ts';

/** What was dropped into one store's folder. */
export interface Dropped {
  readonly storeId: string;
  readonly drops: readonly Drop[];
  /** Messages that no parser can read. */
  readonly poisons: readonly string[];
}

/**
 * Accounts for everything that was dropped, when all is at rest: rows, dead letters, the ledger's own check, the
 * files of rejected rows.
 * @returns what is wrong, in words
 */
export async function account(clients: Clients, dropped: Dropped): Promise<string[]> {
  return [
    ...(await findWrongs(clients.database, dropped.storeId, dropped.drops)),
    ...(await findWrongLetters(clients, dropped)),
    ...(await findDifferences(clients, dropped)),
    ...(await findMissingRejects(clients, dropped)),
  ];
}

async function findWrongLetters({ sqs, outputs }: Clients, { poisons }: Dropped): Promise<string[]> {
  const ofUploads = await takeAll(sqs, outputs.uploadDeadLetterQueueUrl);
  const ofRows = await takeAll(sqs, outputs.rowDeadLetterQueueUrl);
  // What was delivered twice may be there twice.
  const strange = [...ofUploads.filter(({ body }) => !poisons.includes(body)), ...ofRows];
  const missing = poisons.filter((poison) => !ofUploads.some(({ body }) => body === poison));
  return [
    ...strange.map(({ body, reason }) => `in a dead-letter queue, ${reason}: ${body.slice(0, 200)}`),
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

/** The CSV files of rejected rows must hold what the ledger holds. */
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
