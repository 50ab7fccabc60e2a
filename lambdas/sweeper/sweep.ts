import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Query } from '../aws/database.ts';
import { objectCreatedEvent } from '../contract/object-created-event.ts';
import { INCOMING_PREFIX } from '../contract/upload-key.ts';

/**
 * Pages of 1,000 versions that one sweep lists. The next sweep goes on behind them, so that a sweep costs the same
 * whatever the bucket holds.
 */
const MAX_PAGES = 20;
/** Objects that one sweep sends again at most. */
const MAX_SENT = 500;

export interface SweepResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Runs a statement as the sweeper's role. */
  readonly query: Query;
  readonly bucketName: string;
  readonly uploadQueueUrl: string;
  readonly lostAfterSeconds: string;
  readonly stuckAfterSeconds: string;
}

export interface SweepResult {
  readonly versionsListed: number;
  /** Objects that no upload was of, and are sent to the parser now. */
  readonly lost: number;
  /** Uploads that did not move, and are parsed again. */
  readonly stuck: number;
}

export async function sweep(resources: SweepResources): Promise<SweepResult> {
  const versionsListed = await noteListed(resources);
  const unfinished = await findUnfinished(resources);
  for (const { bucket, key, versionId, receivedAt } of unfinished) {
    const MessageBody = JSON.stringify(objectCreatedEvent({ bucket, key, versionId, receivedAt }));
    await resources.sqs.send(new SendMessageCommand({ QueueUrl: resources.uploadQueueUrl, MessageBody }));
  }
  if (unfinished.length > 0) {
    await resources.query('SELECT ledger.note_sent(CAST(:objects AS json))', {
      objects: JSON.stringify(unfinished),
    });
  }
  const count = (wanted: string) => unfinished.filter(({ reason }) => reason === wanted).length;
  return { versionsListed, lost: count('lost'), stuck: count('stuck') };
}

async function noteListed({ s3, query, bucketName }: SweepResources): Promise<number> {
  const [cursor = []] = await query(
    'SELECT key_marker, version_marker FROM ledger.sweep_cursors WHERE bucket = :bucket',
    { bucket: bucketName },
  );
  let [keyMarker = '', versionMarker = ''] = cursor;
  let listed = 0;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucketName,
        Prefix: INCOMING_PREFIX,
        ...(keyMarker !== '' && { KeyMarker: keyMarker }),
        ...(versionMarker !== '' && { VersionIdMarker: versionMarker }),
      }),
    );
    const objects = (answer.Versions ?? [])
      .filter(({ Key }) => !Key!.endsWith('/'))
      .map(({ Key, VersionId, LastModified }) => ({
        key: Key,
        versionId: VersionId,
        receivedAt: LastModified,
      }));
    listed += objects.length;
    keyMarker = answer.NextKeyMarker ?? '';
    versionMarker = answer.NextVersionIdMarker ?? '';
    await query('SELECT ledger.note_listed(CAST(:page AS json))', {
      page: JSON.stringify({ bucket: bucketName, objects, keyMarker, versionMarker }),
    });
    if (!answer.IsTruncated) break;
  }
  return listed;
}

async function findUnfinished({ query, lostAfterSeconds, stuckAfterSeconds }: SweepResources) {
  const rows = await query(
    `SELECT bucket, object_key, version_id, received_at, reason
     FROM ledger.find_unfinished(make_interval(secs => CAST(:lost AS integer)),
                                 make_interval(secs => CAST(:stuck AS integer)), ${MAX_SENT})`,
    { lost: lostAfterSeconds, stuck: stuckAfterSeconds },
  );
  return rows.map(([bucket = '', key = '', versionId = '', receivedAt = '', reason = '']) => {
    return { bucket, key, versionId, receivedAt, reason };
  });
}
