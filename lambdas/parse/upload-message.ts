import type { Checkpoint } from '../core/parse.ts';
import { encodeMessage, type Upload } from '../core/row-batch.ts';
import { DEFAULT_STORE, parseUploadKey } from '../core/upload-key.ts';
import { PermanentError } from '../shared/errors.ts';
import { type CreatedObject, readS3Event } from '../shared/s3-event.ts';
import { computeUploadId } from '../shared/upload-id.ts';

/** One object version to parse. */
export interface ParseTask {
  readonly upload: Upload;
  /** Point at which an earlier invocation ran out of time. */
  readonly checkpoint?: Checkpoint;
}

/** Encodes the message with which the parser continues an upload in another invocation. */
export function encodeCheckpoint(task: Required<ParseTask>): string {
  return encodeMessage(task);
}

/**
 * Reads a message of the upload queue: an S3 event or a checkpoint.
 * @param revision of this parser. An upload of another revision starts again: its batches may be cut elsewhere.
 * @throws {PermanentError} if the message is neither
 */
export function readUploadMessage(body: string, revision: string): ParseTask[] {
  const message = parseJson(body);
  if (message.checkpoint === undefined) {
    return readS3Event(message).map((object) => ({ upload: createUpload(object, revision) }));
  }
  const task = message as unknown as Required<ParseTask>;
  return task.upload.revision === revision ? [task] : [{ upload: createUpload(task.upload, revision) }];
}

function createUpload({ bucket, key, versionId, receivedAt }: CreatedObject, revision: string): Upload {
  return {
    uploadId: computeUploadId({ bucket, key, versionId, revision }),
    bucket,
    key,
    versionId,
    storeId: parseUploadKey(key)?.storeId ?? DEFAULT_STORE,
    revision,
    receivedAt,
  };
}

function parseJson(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch (cause) {
    throw new PermanentError('not an S3 event: the message is not JSON', { cause });
  }
}
