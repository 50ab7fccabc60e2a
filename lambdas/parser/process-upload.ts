import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RowBatch, Upload } from '../contract/row-batch.ts';
import { type ParseSettings, type ParseTotals, parseUpload, refuseUpload } from '../core/parse-upload.ts';
import { encodeBatch } from '../core/row-batcher.ts';
import type { Checkpoint } from '../core/upload-parse.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowQueueSender } from './row-queue-sender.ts';
import type { Work } from './work.ts';

export interface ParserResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly rowQueueUrl: string;
  readonly settings: ParseSettings;
}

/**
 * Parses one object version and sends its batches.
 * @returns the totals when the row queue has all of its batches, or, where the time was up before, where to go
 *   on: the row queue then has every batch before that
 */
export async function processUpload(
  { upload, checkpoint }: Work,
  { s3, sqs, rowQueueUrl, settings }: ParserResources,
  isTimeUp: () => boolean,
): Promise<ParseTotals | Checkpoint> {
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  const chunks = await openObject(s3, upload, checkpoint?.byte ?? 0);
  if (chunks === undefined) {
    const message = 'The object version was deleted before it was read. Drop the file again.';
    const send = (batch: RowBatch) => sender.send(encodeBatch(batch));
    const totals = await refuseUpload(upload, settings, send, { code: 'object-gone', message });
    await sender.flush();
    return totals;
  }
  const rejectedFile = new RejectedFile(s3, upload, checkpoint?.batch ?? 1);
  const sink = async (batch: RowBatch) => {
    await rejectedFile.write(batch);
    await sender.send(encodeBatch(batch));
  };
  try {
    const outcome = await parseUpload(upload, { chunks, checkpoint }, settings, sink, isTimeUp);
    await rejectedFile.close();
    await sender.flush();
    return outcome;
  } catch (error) {
    await rejectedFile.abandon();
    throw error;
  } finally {
    chunks.destroy();
  }
}

async function openObject(
  s3: S3Client,
  { bucket, key, versionId }: Upload,
  firstByte: number,
): Promise<Readable | undefined> {
  const range = firstByte === 0 ? {} : { Range: `bytes=${firstByte}-` };
  try {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, ...range }),
    );
    return Body as Readable;
  } catch (error) {
    if (error instanceof Error && ['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
    throw error;
  }
}
