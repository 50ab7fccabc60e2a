import { setTimeout as sleep } from 'node:timers/promises';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type pg from 'pg';
import type { Clients } from './clients.ts';
import type { Drop } from './drop.ts';

const POLL_MILLISECONDS = 50;
/** So often in a row everything must be at rest. */
const QUIET_LOOKS = 3;

/**
 * Waits until every upload has come to its end and no message is left.
 * @returns what has not, where that takes too long
 */
export async function settle(
  { sqs, database, outputs }: Clients,
  drops: readonly Drop[],
  timeoutMilliseconds: number,
): Promise<string[]> {
  const deadline = Date.now() + timeoutMilliseconds;
  const queueUrls = [outputs.uploadQueueUrl, outputs.rowQueueUrl];
  for (let quiet = 0; quiet < QUIET_LOOKS; ) {
    const counts = await Promise.all(queueUrls.map((url) => countMessages(sqs, url)));
    const open = await findOpen(database, drops);
    quiet = counts.every((count) => count === 0) && open.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      return [`did not come to rest: ${counts.join(' and ')} messages are left, open: ${open.join(', ')}`];
    }
    await sleep(POLL_MILLISECONDS);
  }
  return [];
}

async function countMessages(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const states = ['', 'NotVisible', 'Delayed'] as const;
  return states.reduce((sum, state) => sum + Number(Attributes[`ApproximateNumberOfMessages${state}`]), 0);
}

async function findOpen(database: pg.Client, drops: readonly Drop[]): Promise<string[]> {
  const { rows } = await database.query<{ version_id: string; status: string }>(
    'SELECT version_id, status FROM ledger.uploads WHERE version_id = ANY ($1)',
    [drops.map(({ versionId }) => versionId)],
  );
  const statuses = new Map(rows.map(({ version_id, status }) => [version_id, status]));
  const unseen = drops.filter(({ versionId, isDeleted }) => !isDeleted && !statuses.has(versionId));
  const loading = drops.filter(({ versionId }) => statuses.get(versionId) === 'loading');
  return [...unseen, ...loading].map(
    ({ key, versionId }) => `${key} (${statuses.get(versionId) ?? 'not seen'})`,
  );
}
