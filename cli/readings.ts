import { ListObjectsV2Command, type ListObjectsV2Output } from '@aws-sdk/client-s3';
import type { Upload } from '../lambdas/core/row-batch.ts';
import { READINGS_PREFIX } from '../lambdas/core/upload-key.ts';
import {
  buildReadingKey,
  buildReadingsPrefix,
  FIRST_READING,
  findReading,
} from '../lambdas/shared/readings.ts';
import { type CreatedObject, createUpload, type ReadRequest } from '../lambdas/shared/upload-message.ts';
import type { CloudClient } from './cloud-client.ts';

/** Records that are read at the same time. */
const CONCURRENCY = 20;
/** Objects whose records are listed one by one; for more, all records of the bucket are listed. */
const MAX_LISTED_ALONE = 20;

/** An object version and settings to read it by. */
export interface PlannedReading extends CreatedObject {
  /** Undefined for a version without a record: its first reading is by the current settings. */
  readonly settings?: string;
}

/** Finds the upload that a request to the parser causes. */
export async function findUploadOf(
  client: CloudClient,
  { object, settings, continued }: ReadRequest,
): Promise<Upload> {
  if (continued !== undefined) return continued.upload;
  if (settings !== undefined) return createUpload(object, client.revisionOf(settings));
  // S3 denies a request for a missing object to callers who may not list the whole bucket.
  const first = buildReadingKey(object, FIRST_READING);
  const keys = (await listRecords(client, [object])).get(buildReadingsPrefix(object)) ?? [];
  const reading = keys.includes(first) ? await findReading(client.s3, client.bucket, first) : undefined;
  return createUpload(object, client.revisionOf(reading?.settings));
}

/**
 * Lists every recorded reading of these object versions, in the order of the readings.
 * @returns one element for a version without a record, at its time of creation
 */
export async function listReadings(
  client: CloudClient,
  objects: readonly CreatedObject[],
): Promise<PlannedReading[]> {
  const keys = await listRecords(client, objects);
  const readings: (PlannedReading & { readonly at: string })[] = [];
  for (let start = 0; start < objects.length; start += CONCURRENCY) {
    const some = objects.slice(start, start + CONCURRENCY);
    readings.push(...(await Promise.all(some.map((object) => readRecords(client, object, keys)))).flat());
  }
  return readings.sort((a, b) => a.at.localeCompare(b.at)).map(({ at, ...reading }) => reading);
}

async function readRecords(
  client: CloudClient,
  object: CreatedObject,
  keys: ReadonlyMap<string, readonly string[]>,
) {
  const records = (keys.get(buildReadingsPrefix(object)) ?? []).map((key) =>
    findReading(client.s3, client.bucket, key),
  );
  const found = (await Promise.all(records)).filter((record) => record !== undefined);
  if (found.length === 0) return [{ ...object, at: object.receivedAt }];
  return found.map(({ settings, readAt }) => ({ ...object, settings, at: readAt }));
}

/** Lists the keys of the records, by their prefixes. */
async function listRecords(
  client: CloudClient,
  objects: readonly CreatedObject[],
): Promise<Map<string, string[]>> {
  const prefixes = objects.length <= MAX_LISTED_ALONE ? objects.map(buildReadingsPrefix) : [READINGS_PREFIX];
  const keys = new Map<string, string[]>();
  for (const Prefix of prefixes) {
    let ContinuationToken: string | undefined;
    do {
      const page: ListObjectsV2Output = await client.s3.send(
        new ListObjectsV2Command({ Bucket: client.bucket, Prefix, ContinuationToken }),
      );
      for (const { Key = '' } of page.Contents ?? []) {
        const prefix = Key.slice(0, Key.lastIndexOf('/') + 1);
        keys.set(prefix, [...(keys.get(prefix) ?? []), Key]);
      }
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }
  return keys;
}
