import { PermanentError } from '../shared/errors.ts';

/** An object version that an event announces. */
export interface AnnouncedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  /** ISO 8601. */
  readonly receivedAt: string;
}

/** The parts of an S3 event record that are read (S3 user guide, "Event message structure"). */
interface S3EventRecord {
  readonly eventTime: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: { readonly key: string; readonly versionId?: string };
  };
}

/**
 * Reads the objects that an event announces: none for the test event that S3 sends when a notification is set up,
 * and none for the empty objects with which consoles show folders.
 * @throws {PermanentError} where the message is no S3 event
 */
export function readS3Event(event: Readonly<Record<string, unknown>>): AnnouncedObject[] {
  if (event.Event === 's3:TestEvent') return [];
  if (!Array.isArray(event.Records))
    throw new PermanentError('the message is no S3 event: it has no Records');
  return (event.Records as S3EventRecord[]).map(readObject).filter(({ key }) => !key.endsWith('/'));
}

function readObject(record: S3EventRecord | null): AnnouncedObject {
  const { eventTime, s3 } = Object(record) as S3EventRecord;
  const bucket = s3?.bucket?.name;
  const encodedKey = s3?.object?.key;
  const versionId = s3?.object?.versionId;
  if (!bucket || typeof encodedKey !== 'string' || encodedKey === '' || !eventTime) {
    throw new PermanentError('the message is no S3 event: bucket, key or time is missing');
  }
  if (!versionId)
    throw new PermanentError(`the event for ${encodedKey} names no version: is the bucket versioned?`);
  // Keys come URL-encoded, with a plus sign for a blank.
  const key = decodeKey(encodedKey.replaceAll('+', ' '));
  return { bucket, key, versionId, receivedAt: normalizeTime(eventTime) };
}

/** In one form, whoever announces the object: it is a part of each message, whose size decides where batches end. */
function normalizeTime(eventTime: string): string {
  const time = new Date(eventTime);
  if (Number.isNaN(time.getTime())) {
    throw new PermanentError(`the message is no S3 event: ${eventTime} is no time`);
  }
  return time.toISOString();
}

function decodeKey(encodedKey: string): string {
  try {
    return decodeURIComponent(encodedKey);
  } catch (cause) {
    throw new PermanentError(`the message is no S3 event: the key ${encodedKey} is not URL-encoded`, {
      cause,
    });
  }
}
