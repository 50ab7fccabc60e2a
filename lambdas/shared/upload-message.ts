import type { Checkpoint } from '../core/parse.ts';
import { encodeMessage, type Upload } from '../core/row-batch.ts';
import { readStore, toStorableKey } from '../core/upload-key.ts';
import { PermanentError } from './errors.ts';
import { computeFileId, computeUploadId, splitRevision } from './upload-id.ts';

/** One object version and its creation time. */
export interface CreatedObject {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly receivedAt: string;
}

/** One object version as one revision of the parser reads it. */
export interface ParseTask {
  readonly upload: Upload;
  /** Point at which an earlier invocation ran out of time. */
  readonly checkpoint?: Checkpoint;
  /** True at a checkpoint of the first reading, which only counts the rejected rows. @default false */
  readonly isCounting?: boolean;
}

/** A task that continues another one. */
type Continuation = ParseTask & Required<Pick<ParseTask, 'checkpoint'>>;

/** Request to read an object version. */
export interface ReadRequest {
  readonly object: CreatedObject;
  /** `current`, or the hash of the settings of an earlier reading. @default the settings of the first reading */
  readonly settings?: string;
  /** Task of an earlier invocation. The same code continues it; other code starts again. */
  readonly continued?: Continuation;
}

/** Encodes the message with which the parser continues an upload in another invocation. */
export function encodeCheckpoint(task: Continuation): string {
  return encodeMessage(task);
}

/**
 * Reads a message of the upload queue: an S3 event or a checkpoint.
 * @throws {PermanentError} if the message is neither
 */
export function readUploadMessage(body: string): ReadRequest[] {
  const message = parseJson(body);
  if (continuesUpload(message)) {
    const { bucket, key, versionId, receivedAt, revision } = message.upload;
    const { settings } = splitRevision(revision);
    const object = { bucket, key, versionId, receivedAt };
    return [{ object, ...(settings !== '' && { settings }), continued: message }];
  }
  const settings = typeof message.settings === 'string' && { settings: message.settings };
  return readS3Event(message).map((object) => ({ object, ...settings }));
}

function continuesUpload(message: object): message is Continuation {
  return 'checkpoint' in message && 'upload' in message;
}

export function createUpload(
  { bucket, key, versionId, receivedAt }: CreatedObject,
  revision: string,
): Upload {
  return {
    uploadId: computeUploadId({ bucket, key, versionId, revision }),
    fileId: computeFileId({ bucket, key, versionId }),
    bucket,
    key,
    versionId,
    // Also a store that is not allowed, so that the refused upload is not that of another store.
    storeId: readStore(key),
    revision,
    receivedAt,
  };
}

/** The parts of an S3 event record that are used (S3 user guide, "Event message structure"). */
interface S3EventRecord {
  readonly eventSource: 'aws:s3';
  readonly eventTime: string;
  readonly s3: {
    readonly bucket: { readonly name: string };
    readonly object: { readonly key: string; readonly versionId?: string };
  };
}

/**
 * Builds the event with which S3 announces an object. Sent to the upload queue, it causes the object to be parsed again.
 * @param settings to read it by, as in a `ReadRequest`
 */
export function buildS3Event(
  { bucket, key, versionId, receivedAt }: CreatedObject,
  settings?: string,
): {
  readonly Records: readonly S3EventRecord[];
  readonly settings?: string;
} {
  const s3 = { bucket: { name: bucket }, object: { key: encodeKey(key), versionId } };
  const Records = [{ eventSource: 'aws:s3', eventTime: receivedAt, s3 }] as const;
  return { Records, ...(settings !== undefined && { settings }) };
}

/**
 * Reads the objects that an event announces. There are none in the test event that S3 sends when a notification is
 * configured; the empty objects that consoles create for folders are left out.
 * @throws {PermanentError} if the message is not an S3 event
 */
function readS3Event(event: Readonly<Record<string, unknown>>): CreatedObject[] {
  if (event.Event === 's3:TestEvent') return [];
  if (!Array.isArray(event.Records)) throw new PermanentError('not an S3 event: no Records');
  return (event.Records as S3EventRecord[]).map(readRecord).filter(({ key }) => !key.endsWith('/'));
}

function readRecord(record: S3EventRecord | null): CreatedObject {
  const { eventTime, s3 } = Object(record) as S3EventRecord;
  const bucket = s3?.bucket?.name;
  const encodedKey = s3?.object?.key;
  const versionId = s3?.object?.versionId;
  if (!bucket || typeof encodedKey !== 'string' || encodedKey === '' || !eventTime) {
    throw new PermanentError('not an S3 event: bucket, key or time is missing');
  }
  if (!versionId) {
    const message = `the S3 event for ${encodedKey} has no version: enable versioning on the bucket`;
    throw new PermanentError(message);
  }
  return {
    bucket,
    key: toStorableKey(decodeKey(encodedKey)),
    versionId,
    receivedAt: normalizeTime(eventTime),
  };
}

/** Encodes a key as S3 does: percent encoding, with a plus sign for a blank. */
function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

/** @throws {PermanentError} if the key is not encoded as S3 does */
export function decodeKey(encodedKey: string): string {
  try {
    return decodeURIComponent(encodedKey.replaceAll('+', ' '));
  } catch (cause) {
    throw new PermanentError(`not from S3: the key ${encodedKey} is not URL-encoded`, { cause });
  }
}

/** Writes a time in one form. It is part of every message, whose size decides where batches end. */
function normalizeTime(eventTime: string): string {
  const time = new Date(eventTime);
  if (Number.isNaN(time.getTime())) {
    throw new PermanentError(`not an S3 event: the time ${eventTime} is not a date`);
  }
  return time.toISOString();
}

function parseJson(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch (cause) {
    throw new PermanentError('not an S3 event: the message is not JSON', { cause });
  }
}
