import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { FILE_RECEIPT_VERSION, type FileReceipt, writeReceiptText } from '../core/file-receipt.ts';
import { encodeMessage } from '../core/row-batch.ts';
import { buildReceiptKey } from '../core/upload-key.ts';
import { createObject } from '../shared/create-object.ts';
import type { Query } from '../shared/data-api.ts';
import { TransientError } from '../shared/errors.ts';
import type { NotifySettings } from '../shared/notify-settings.ts';
import { chooseChannels } from './deliver.ts';

/** Notices that `ledger.find_notices` returns at most. */
const NOTICES_PER_CALL = 10;

export interface ReceiptResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly events: EventBridgeClient;
  readonly query: Query;
  readonly settings: NotifySettings;
  readonly bucketName: string;
  readonly noticeQueueUrl: string;
  readonly eventSource: string;
}

/** A notice as `ledger.find_notices` returns it. */
interface Notice
  extends Pick<
    FileReceipt,
    'id' | 'sequence' | 'uploadId' | 'fileId' | 'storeId' | 'key' | 'versionId' | 'receivedAt'
  > {
  readonly result: Pick<
    FileReceipt,
    'status' | 'completedAt' | 'rows' | 'days' | 'failure' | 'totals' | 'isRepeated'
  > & {
    readonly open?: number;
  };
  readonly byCode: NonNullable<FileReceipt['rejects']>['byCode'];
  readonly first: NonNullable<FileReceipt['rejects']>['first'];
}

/**
 * Sends the notices of an upload that were not sent: the receipt as an object, then an event, then a message for each
 * delivery. Whatever fails is repeated from the beginning, with the same ids.
 * @returns the receipts, and whether each was told before
 */
export async function sendReceipts(
  uploadId: string,
  resources: ReceiptResources,
): Promise<{ sent: number; known: number }> {
  const { query } = resources;
  let [sent, known] = [0, 0];
  for (;;) {
    const [[text = '[]'] = []] = await query(
      'SELECT CAST(ledger.find_notices(CAST(:upload AS uuid)) AS text)',
      { upload: uploadId },
    );
    const receipts = (JSON.parse(text) as Notice[]).map(toReceipt);
    for (const receipt of receipts) {
      if (await writeReceipt(receipt, resources)) {
        await publishEvent(receipt, resources);
        await requestDeliveries(receipt, resources);
        sent++;
      } else known++;
    }
    const ids = JSON.stringify(receipts.map(({ id }) => id));
    if (receipts.length > 0) await query('SELECT ledger.note_notices_sent(CAST(:ids AS json))', { ids });
    if (receipts.length < NOTICES_PER_CALL) return { sent, known };
  }
}

function toReceipt({ result: { open, ...result }, byCode, first, ...facts }: Notice): FileReceipt {
  return {
    version: FILE_RECEIPT_VERSION,
    ...facts,
    fileName: facts.key.split('/').at(-1)!,
    ...result,
    ...(byCode.length > 0 && { rejects: { ...(open !== undefined && { open }), byCode, first } }),
  };
}

/**
 * Writes a receipt as text and, last, as JSON.
 * @returns false if another life of the database, before it was rebuilt, told the same
 */
async function writeReceipt(receipt: FileReceipt, { s3, bucketName }: ReceiptResources): Promise<boolean> {
  const objects = (['txt', 'json'] as const).map((ending) => ({
    Bucket: bucketName,
    Key: buildReceiptKey(receipt, receipt.sequence, ending),
    Body: ending === 'json' ? `${JSON.stringify(receipt, null, 2)}\n` : writeReceiptText(receipt),
    ContentType: ending === 'json' ? 'application/json' : 'text/plain; charset=utf-8',
  }));
  let isNew = true;
  for (const object of objects) isNew = await createObject(s3, object);
  if (isNew) return true;
  const { Bucket, Key } = objects.at(-1)!;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const existing = JSON.parse(await Body!.transformToString()) as FileReceipt;
  if (existing.id === receipt.id) return true;
  if (isSameResult(existing, receipt)) return false;
  for (const object of objects) await s3.send(new PutObjectCommand(object));
  return true;
}

function isSameResult(one: FileReceipt, two: FileReceipt): boolean {
  const resultOf = ({ fileId, status, rows, failure, rejects }: FileReceipt) =>
    JSON.stringify([fileId, status, Object.entries(rows).sort(), failure?.code, rejects?.open]);
  return resultOf(one) === resultOf(two);
}

async function publishEvent(receipt: FileReceipt, { events, eventSource }: ReceiptResources): Promise<void> {
  const entry = {
    Source: eventSource,
    DetailType: receipt.status === 'complete' ? 'Upload complete' : 'Upload failed',
    Detail: JSON.stringify(receipt),
    Time: new Date(receipt.completedAt),
  };
  const { FailedEntryCount = 0, Entries = [] } = await events.send(
    new PutEventsCommand({ Entries: [entry] }),
  );
  if (FailedEntryCount === 0) return;
  const { ErrorCode, ErrorMessage } = Entries[0]!;
  throw new TransientError(`EventBridge did not accept the event: ${ErrorCode}: ${ErrorMessage}`);
}

async function requestDeliveries(
  receipt: FileReceipt,
  { sqs, settings, noticeQueueUrl }: ReceiptResources,
): Promise<void> {
  for (const channel of chooseChannels(receipt, settings)) {
    const MessageBody = encodeMessage({ channel, receipt });
    await sqs.send(new SendMessageCommand({ QueueUrl: noticeQueueUrl, MessageBody }));
  }
}
