import { encodeAscii } from '../core/ascii.ts';
import type { Upload } from '../core/row-batch.ts';
import { DEFAULT_STORE, parseUploadKey } from '../core/upload-key.ts';
import type { Checkpoint } from '../core/upload-parse.ts';
import { PermanentError } from '../shared/errors.ts';
import { uploadIdOf } from '../shared/upload-id.ts';
import { type AnnouncedObject, readS3Event } from './s3-events.ts';

/** What one message of the upload queue asks the parser to do with one object version. */
export interface Work {
  readonly upload: Upload;
  /** Where an earlier invocation stopped, when its time was up. */
  readonly checkpoint?: Checkpoint;
}

/** What the parser sends to itself when its time is up. */
interface Continuation {
  readonly continues: Upload;
  readonly checkpoint: Checkpoint;
}

export function continuationOf(upload: Upload, checkpoint: Checkpoint): string {
  return encodeAscii(JSON.stringify({ continues: upload, checkpoint } satisfies Continuation));
}

/**
 * Reads a message of the upload queue: an S3 event, or what the parser sent to itself.
 * @param revision of this parser. What another revision began is begun anew: its batches may be cut elsewhere
 * @throws {PermanentError} where the message is neither
 */
export function readWork(body: string, revision: string): Work[] {
  const message = parseJson(body);
  if (message.continues === undefined) {
    return readS3Event(message).map((object) => ({ upload: uploadOf(object, revision) }));
  }
  const { continues, checkpoint } = message as unknown as Continuation;
  if (continues.revision === revision) return [{ upload: continues, checkpoint }];
  return [{ upload: uploadOf(continues, revision) }];
}

function uploadOf({ bucket, key, versionId, receivedAt }: AnnouncedObject, revision: string): Upload {
  return {
    uploadId: uploadIdOf(bucket, key, versionId, revision),
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
    throw new PermanentError('the message is no S3 event: it is no JSON', { cause });
  }
}
