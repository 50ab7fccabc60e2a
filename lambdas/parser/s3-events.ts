import type { Upload } from '../contract/row-batch.ts';
import { uploadIdOf } from '../contract/upload-id.ts';
import { DEFAULT_STORE, parseUploadKey } from '../contract/upload-key.ts';
import { PermanentError } from '../core/errors.ts';

/** The parts of an S3 event record that are read (S3 user guide, "Event message structure"). */
interface S3EventRecord {
  readonly eventTime: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: { readonly key: string; readonly versionId?: string };
  };
}

/**
 * Reads the uploads that a message on the upload queue announces: none for the test event that S3 sends when a
 * notification is set up, and none for the empty objects with which consoles show folders.
 * @throws {PermanentError} where the message is no S3 event
 */
export function readUploads(body: string): Upload[] {
  const event = parseJson(body);
  if (event.Event === 's3:TestEvent') return [];
  if (!Array.isArray(event.Records))
    throw new PermanentError('the message is no S3 event: it has no Records');
  return (event.Records as S3EventRecord[]).map(readUpload).filter(({ key }) => !key.endsWith('/'));
}

function readUpload(record: S3EventRecord | null): Upload {
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
  return {
    uploadId: uploadIdOf(bucket, key, versionId),
    bucket,
    key,
    versionId,
    storeId: parseUploadKey(key)?.storeId ?? DEFAULT_STORE,
    receivedAt: eventTime,
  };
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

function parseJson(body: string): { Event?: unknown; Records?: unknown } {
  try {
    return Object(JSON.parse(body));
  } catch (cause) {
    throw new PermanentError('the message is no S3 event: it is no JSON', { cause });
  }
}
