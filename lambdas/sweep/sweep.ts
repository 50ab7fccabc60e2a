import type { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Query } from '../shared/data-api.ts';
import { objectCreatedEvent } from '../shared/object-created-event.ts';
import { BEGINNING, listPages, type Page } from './listing.ts';

/** Objects that are sent again in one go: with the longest keys, an answer of the Data API has room for them. */
const SENT_AT_A_TIME = 100;
const MOST_TIMES = 5;
/** So long after the last drop the database is asked at every sweep; an object that was lost is found by then. */
const LEAST_WATCHED_SECONDS = 4 * 3_600;
const WATCHED_PER_LOST_AFTER = 4;

export interface SweepResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  /** Runs a statement as the sweeper's role. */
  readonly query: Query;
  readonly bucketName: string;
  readonly uploadQueueUrl: string;
  readonly sweepEveryMinutes: number;
  readonly lostAfterSeconds: number;
  readonly stuckAfterSeconds: number;
}

export interface SweepResult {
  readonly versionsListed: number;
  /** Objects that no upload was of, and are sent to the parser now. */
  readonly lost: number;
  /** Uploads that did not move, and are parsed again. */
  readonly stuck: number;
}

/**
 * Compares a part of the bucket with the ledger, and sends what is missing or stuck to the parser again. Where
 * nothing was dropped for hours it leaves the database alone, which may be paused, but for once a day.
 */
export async function sweep(resources: SweepResources, now = new Date()): Promise<SweepResult> {
  const { s3, sqs, query, bucketName, uploadQueueUrl } = resources;
  const pages = await listPages(s3, bucketName, BEGINNING);
  const isWhole = pages.at(-1)!.next === BEGINNING;
  if (isWhole && !isFirstOfDay(resources, now) && !isWatched(resources, pages, now)) {
    return { versionsListed: countObjects(pages), lost: 0, stuck: 0 };
  }
  const compared = isWhole ? pages : await listPages(s3, bucketName, await readPlace(resources));
  for (const page of compared) await noteListed(resources, page);
  const reasons: string[] = [];
  for (let time = 0; time < MOST_TIMES; time++) {
    const unfinished = await findUnfinished(resources);
    if (unfinished.length === 0) break;
    for (const object of unfinished) {
      const MessageBody = JSON.stringify(objectCreatedEvent(object));
      await sqs.send(new SendMessageCommand({ QueueUrl: uploadQueueUrl, MessageBody }));
      reasons.push(object.reason);
    }
    await query('SELECT ledger.note_sent(CAST(:objects AS json))', { objects: JSON.stringify(unfinished) });
  }
  const count = (wanted: string) => reasons.filter((reason) => reason === wanted).length;
  return { versionsListed: countObjects(compared), lost: count('lost'), stuck: count('stuck') };
}

/** In the first hour of the day, or later where sweeps are rarer: whenever in it they come, one of them does. */
function isFirstOfDay({ sweepEveryMinutes }: SweepResources, now: Date): boolean {
  return now.getUTCHours() * 60 + now.getUTCMinutes() < Math.max(60, sweepEveryMinutes);
}

function isWatched({ lostAfterSeconds }: SweepResources, pages: readonly Page[], now: Date): boolean {
  const seconds = Math.max(LEAST_WATCHED_SECONDS, WATCHED_PER_LOST_AFTER * lostAfterSeconds);
  const since = now.getTime() - seconds * 1_000;
  return pages.some(({ objects }) => objects.some(({ receivedAt }) => receivedAt.getTime() >= since));
}

function countObjects(pages: readonly Page[]): number {
  return pages.reduce((sum, { objects }) => sum + objects.length, 0);
}

async function readPlace({ query, bucketName }: SweepResources) {
  const [[keyMarker = '', versionMarker = ''] = []] = await query(
    'SELECT key_marker, version_marker FROM ledger.sweep_cursors WHERE bucket = :bucket',
    { bucket: bucketName },
  );
  return { keyMarker, versionMarker };
}

async function noteListed({ query, bucketName }: SweepResources, { objects, next }: Page): Promise<void> {
  await query('SELECT ledger.note_listed(CAST(:page AS json))', {
    page: JSON.stringify({ bucket: bucketName, objects, ...next }),
  });
}

async function findUnfinished({ query, lostAfterSeconds, stuckAfterSeconds }: SweepResources) {
  const rows = await query(
    `SELECT bucket, object_key, version_id, received_at, reason
     FROM ledger.find_unfinished(make_interval(secs => CAST(:lost AS integer)),
                                 make_interval(secs => CAST(:stuck AS integer)), ${SENT_AT_A_TIME})`,
    { lost: String(lostAfterSeconds), stuck: String(stuckAfterSeconds) },
  );
  return rows.map(([bucket = '', key = '', versionId = '', receivedAt = '', reason = '']) => {
    return { bucket, key, versionId, receivedAt, reason };
  });
}
