import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type ParseTotals, parseUpload, refuseUpload } from '../core/parse-upload.ts';
import type { RowBatch } from '../core/row-batch.ts';
import { encodeBatch } from '../core/row-batcher.ts';
import type { Checkpoint } from '../core/upload-parse.ts';
import type { ParseSettings } from '../core/upload-reading.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowQueueSender } from './row-queue-sender.ts';
import { ObjectVersion } from './unpack/object-version.ts';
import { openText, openTextAt } from './unpack/open-text.ts';
import type { Work } from './work.ts';

export interface ParserResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly rowQueueUrl: string;
  readonly settings: ParseSettings;
  /** The most that an archive may unpack to. */
  readonly maxUnpackedMiB: number;
}

/**
 * Parses one object version and sends its batches.
 * @returns the totals when the row queue has all of its batches, or, where the time was up before, where to go
 *   on: the row queue then has every batch before that
 */
export async function processUpload(
  { upload, checkpoint }: Work,
  { s3, sqs, rowQueueUrl, settings, maxUnpackedMiB }: ParserResources,
  isTimeUp: () => boolean,
): Promise<ParseTotals | Checkpoint> {
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  const object = new ObjectVersion(s3, upload);
  const text =
    checkpoint === undefined
      ? await openText(object, maxUnpackedMiB)
      : await openTextAt(object, checkpoint.summary.compression, checkpoint.text.byte);
  if ('failure' in text) {
    const send = (batch: RowBatch) => sender.send(encodeBatch(batch));
    const format = text.compression && { compression: text.compression };
    const totals = await refuseUpload(upload, settings, send, text.failure, format);
    await sender.flush();
    return totals;
  }
  const rejectedFile = new RejectedFile(s3, upload, checkpoint?.batch ?? 1);
  const sink = async (batch: RowBatch) => {
    await rejectedFile.write(batch);
    await sender.send(encodeBatch(batch));
  };
  try {
    const outcome = await parseUpload(upload, { ...text, checkpoint }, settings, sink, isTimeUp);
    await rejectedFile.close();
    await sender.flush();
    return outcome;
  } catch (error) {
    await rejectedFile.abandon();
    throw error;
  } finally {
    text.close();
  }
}
