import { appendFile } from 'node:fs/promises';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../lambdas/core/api-answers.ts';
import { refuseUpload } from '../lambdas/core/batches/closing-batch.ts';
import { encodeMessage, type Upload } from '../lambdas/core/row-batch.ts';
import { isRowId } from '../lambdas/core/rows/row-id.ts';
import { buildUploadKey, STORE_PATTERN } from '../lambdas/core/upload-key.ts';
import { createObject } from '../lambdas/shared/create-object.ts';
import type { ReceivedLetter } from '../lambdas/shared/dead-letters.ts';
import { computeFileId, computeUploadId } from '../lambdas/shared/upload-id.ts';
import { type ReadRequest, readUploadMessage } from '../lambdas/shared/upload-message.ts';
import type { CloudClient } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import { findUploadOf } from './readings.ts';

interface DiscardedLetter extends DeadLetter {
  /** Keys of the uploads that end as failed; empty if the message does not name an upload. */
  readonly uploads: readonly string[];
}

/** Appends the messages to a file, one JSON object for each line, before they are deleted. */
export async function saveLetters(
  path: string,
  letters: readonly ReceivedLetter[],
  discardReason: string,
): Promise<void> {
  const discardedAt = new Date().toISOString();
  const lines = letters.map(({ letter, message: { Body, MessageAttributes } }) =>
    JSON.stringify({ ...letter, discardedAt, discardReason, body: Body, attributes: MessageAttributes }),
  );
  await appendFile(path, lines.map((line) => `${line}\n`).join(''), { mode: 0o600, flush: true }).catch(
    (cause: Error) => {
      const message = `${path} cannot be written: ${cause.message}. No message was deleted`;
      throw new UserError(message, EXIT.failed, { cause });
    },
  );
}

/**
 * Ends the uploads of a message as failed, through the loader: the ledger keeps the reason, and the sweeper does not
 * send them again. An upload that is complete stays as it is.
 * @returns the keys of the uploads
 */
export async function settleUploads(
  client: CloudClient,
  { letter: { queue }, message: { Body = '' } }: ReceivedLetter,
  reason: string,
): Promise<string[]> {
  const { rowQueueUrl } = client.access.outputs;
  // The upload of a notice has ended.
  const uploads = queue === 'notices' ? [] : await findUploads(client, Body);
  for (const upload of uploads) {
    const message = `An operator discarded a message of this upload: ${reason}`;
    const MessageBody = encodeMessage(refuseUpload(upload, { code: 'message-discarded', message }).batch);
    await client.sqs.send(new SendMessageCommand({ QueueUrl: rowQueueUrl, MessageBody }));
  }
  return uploads.map(({ key }) => key);
}

/**
 * Puts the items of a call into the bucket, in a file that the parser refuses with the reason: the receipt of the call
 * has it then, also after the database was rebuilt.
 * @returns the key of the file; none if the message does not name a call
 */
export async function settleCall(
  { s3, bucket: Bucket }: CloudClient,
  { letter: { since }, message: { Body = '' } }: ReceivedLetter,
  discarded: string,
): Promise<string[]> {
  const [head = '', ...lines] = Body.split('\n');
  const { storeId = '', receipt = '' } = parseHead(head);
  if (!STORE_PATTERN.test(storeId) || !isRowId(receipt)) return [];
  const fileName = `api/${since.slice(0, 10)}/discarded-${receipt}.ndjson`;
  const Key = buildUploadKey({ storeId, fileName });
  const manifest = JSON.stringify({ calls: [{ receipt, items: lines.length }], discarded });
  await createObject(s3, { Bucket, Key, Body: `${[manifest, ...lines].join('\n')}\n` });
  return [Key];
}

function parseHead(text: string): { readonly storeId?: string; readonly receipt?: string } {
  try {
    const { storeId, receipt } = Object(JSON.parse(text)) as { storeId?: unknown; receipt?: unknown };
    return { storeId: String(storeId), receipt: String(receipt) };
  } catch {
    return {};
  }
}

/** Finds the uploads that a message names. The pipeline did not understand it, so that its content is not trusted. */
async function findUploads(client: CloudClient, body: string): Promise<Upload[]> {
  const { upload, batch } = readMembers(body);
  const uploads =
    upload !== undefined && batch !== undefined
      ? [upload]
      : await Promise.all(readRequests(body).map((request) => findUploadOf(client, request)));
  return uploads.filter(isConsistent);
}

function readMembers(body: string): { upload?: Upload; batch?: number } {
  try {
    return Object(JSON.parse(body)) as { upload?: Upload; batch?: number };
  } catch {
    return {};
  }
}

function readRequests(body: string): ReadRequest[] {
  try {
    return readUploadMessage(body);
  } catch {
    return [];
  }
}

function isConsistent(upload: Upload): boolean {
  return (
    upload.uploadId === computeUploadId(upload) &&
    upload.fileId === computeFileId(upload) &&
    typeof upload.storeId === 'string' &&
    !Number.isNaN(Date.parse(upload.receivedAt))
  );
}

/** Says what happened to a message. */
export function describeDiscard({ id, queue, about, uploads }: DiscardedLetter, path: string): string[] {
  const ends =
    uploads.length === 0
      ? 'It does not name an upload.'
      : `Unless already complete, the upload ends as failed: ${uploads.join(', ')}`;
  return [`Discarded ${id.slice(0, 8)} of the ${queue} queue, kept in ${path}: ${about}`, `  ${ends}`];
}
