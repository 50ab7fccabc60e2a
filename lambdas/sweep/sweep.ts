import type { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CheckFinding } from '../core/api-checks.ts';
import { toFinding } from '../shared/check-results.ts';
import type { Query } from '../shared/data-api.ts';
import {
  LISTING_START,
  type ListingPage,
  type ListingPosition,
  listUploads,
} from '../shared/list-uploads.ts';
import type { NoticeMessage } from '../shared/notice-message.ts';
import { buildS3Event } from '../shared/upload-message.ts';

/** Pages of 1,000 versions that one sweep lists, so that its cost does not grow with the bucket. */
const MAX_PAGES = 20;
/** Objects per call: with the longest keys, a response of the Data API has room for them. */
const MAX_OBJECTS_PER_ROUND = 100;
const MAX_ROUNDS = 5;
/** Uploads with unsent notices that one sweep tells the notifier about. */
const MAX_NOTICES = 500;
/** Time after the last upload for which every sweep asks the database. A lost object is found within it. */
const MIN_WATCHED_SECONDS = 4 * 3_600;
const WATCHED_PER_LOST_AFTER = 4;

export interface SweepResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly query: Query;
  readonly bucketName: string;
  readonly uploadQueueUrl: string;
  readonly noticeQueueUrl: string;
  readonly sweepEveryMinutes: number;
  readonly lostAfterSeconds: number;
  readonly stuckAfterSeconds: number;
}

export interface SweepResult {
  readonly versionsListed: number;
  /** Versions that were compared with the ledger. */
  readonly compared: number;
  /** Objects without an upload that were sent to the parser. */
  readonly lost: number;
  /** Uploads without progress that were sent to the parser again. */
  readonly stuck: number;
  /** Uploads whose notices were not sent, about which the notifier was told again. */
  readonly unsent: number;
  readonly findings: readonly CheckFinding[];
}

/**
 * Compares a part of the bucket with the ledger, sends missing and stuck uploads to the parser again, and tells the
 * notifier about unsent notices. After hours without an upload it asks the database, which may be paused, only once a day.
 */
export async function sweep(resources: SweepResources, now = new Date()): Promise<SweepResult> {
  const { s3, sqs, query, bucketName, uploadQueueUrl } = resources;
  const pages = await listPages(s3, bucketName, LISTING_START);
  const isComplete = pages.at(-1)!.next === LISTING_START;
  if (isComplete && !isFirstOfDay(resources, now) && !isWatched(resources, pages, now)) {
    const versionsListed = countObjects(pages);
    return { versionsListed, compared: 0, lost: 0, stuck: 0, unsent: 0, findings: [] };
  }
  const compared = isComplete ? pages : await listPages(s3, bucketName, await readPosition(resources));
  for (const page of compared) await noteListed(resources, page);
  const findings: CheckFinding[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const unfinished = await findUnfinished(resources);
    if (unfinished.length === 0) break;
    for (const object of unfinished) {
      const MessageBody = JSON.stringify(buildS3Event(object, object.settings || undefined));
      await sqs.send(new SendMessageCommand({ QueueUrl: uploadQueueUrl, MessageBody }));
      findings.push(describeObject(object));
    }
    await query('SELECT ledger.note_sent(CAST(:objects AS json))', { objects: JSON.stringify(unfinished) });
  }
  const count = (wanted: string) => findings.filter(({ kind }) => kind === wanted).length;
  const [lost, stuck] = [count('lost'), count('stuck')];
  const unsent = await retryNotices(resources);
  findings.push(
    ...unsent.map((uploadId) =>
      toFinding('unsent', { uploadId, text: 'its receipt was not sent, and is sent now' }),
    ),
  );
  const versionsListed = countObjects(compared);
  return { versionsListed, compared: versionsListed, lost, stuck, unsent: unsent.length, findings };
}

function describeObject(object: {
  readonly key: string;
  readonly receivedAt: string;
  readonly reason: string;
}) {
  const { key, receivedAt, reason } = object;
  const kind = reason === 'stuck' ? 'stuck' : 'lost';
  const text =
    kind === 'stuck'
      ? `arrived at ${receivedAt}, stopped while it was loaded, and was sent to the parser again`
      : `arrived at ${receivedAt}, was not in the ledger, and was sent to the parser`;
  return toFinding(kind, { key, text });
}

async function listPages(s3: S3Client, bucket: string, from: ListingPosition): Promise<ListingPage[]> {
  const pages: ListingPage[] = [];
  for await (const page of listUploads(s3, bucket, { from })) {
    pages.push(page);
    if (pages.length === MAX_PAGES) break;
  }
  return pages;
}

/** True in the first hour of the day, or longer if sweeps are rarer, so that one sweep of each day falls into it. */
function isFirstOfDay({ sweepEveryMinutes }: SweepResources, now: Date): boolean {
  return now.getUTCHours() * 60 + now.getUTCMinutes() < Math.max(60, sweepEveryMinutes);
}

function isWatched({ lostAfterSeconds }: SweepResources, pages: readonly ListingPage[], now: Date): boolean {
  const seconds = Math.max(MIN_WATCHED_SECONDS, WATCHED_PER_LOST_AFTER * lostAfterSeconds);
  const since = new Date(now.getTime() - seconds * 1_000).toISOString();
  return pages.some(({ objects }) => objects.some(({ receivedAt }) => receivedAt >= since));
}

function countObjects(pages: readonly ListingPage[]): number {
  return pages.reduce((sum, { objects }) => sum + objects.length, 0);
}

async function readPosition({ query, bucketName }: SweepResources): Promise<ListingPosition> {
  const sql = 'SELECT key_marker, version_marker FROM ledger.sweep_cursors WHERE bucket = :bucket';
  const [[keyMarker = '', versionMarker = ''] = []] = await query(sql, { bucket: bucketName });
  return { keyMarker, versionMarker };
}

async function noteListed({ query, bucketName }: SweepResources, page: ListingPage): Promise<void> {
  const objects = page.objects.map(({ key, versionId, receivedAt }) => ({ key, versionId, receivedAt }));
  await query('SELECT ledger.note_listed(CAST(:page AS json))', {
    page: JSON.stringify({ bucket: bucketName, objects, ...page.next }),
  });
}

async function findUnfinished({ query, lostAfterSeconds, stuckAfterSeconds }: SweepResources) {
  const rows = await query(
    `SELECT bucket, object_key, version_id, received_at, reason, coalesce(settings, '')
     FROM ledger.find_unfinished(make_interval(secs => CAST(:lost AS integer)),
                                 make_interval(secs => CAST(:stuck AS integer)), ${MAX_OBJECTS_PER_ROUND})`,
    { lost: String(lostAfterSeconds), stuck: String(stuckAfterSeconds) },
  );
  return rows.map(([bucket = '', key = '', versionId = '', receivedAt = '', reason = '', settings = '']) => {
    return { bucket, key, versionId, receivedAt, reason, settings };
  });
}

/** Tells the notifier about uploads whose notices it has not sent. @returns their ids */
async function retryNotices({
  sqs,
  query,
  noticeQueueUrl,
  lostAfterSeconds,
}: SweepResources): Promise<string[]> {
  const uploads = await query(
    `SELECT CAST(upload_id AS text)
     FROM ledger.retry_notices(make_interval(secs => CAST(:unsent AS integer)), ${MAX_NOTICES})`,
    { unsent: String(lostAfterSeconds) },
  );
  const ids = uploads.map(([uploadId = '']) => uploadId);
  for (const uploadId of ids) {
    const message: NoticeMessage = { uploadId };
    const MessageBody = JSON.stringify(message);
    await sqs.send(new SendMessageCommand({ QueueUrl: noticeQueueUrl, MessageBody }));
  }
  return ids;
}
