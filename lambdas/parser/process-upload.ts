import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { RowBatch, Upload } from '../contract/row-batch.ts';
import { type ParseSettings, type ParseTotals, parseUpload, refuseUpload } from '../core/parse-upload.ts';
import { encodeBatch } from '../core/row-batcher.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowQueueSender } from './row-queue-sender.ts';

export interface ParserResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly rowQueueUrl: string;
  readonly settings: ParseSettings;
}

/** Parses one object version and sends its batches. When it resolves, the row queue has all of them. */
export async function processUpload(upload: Upload, resources: ParserResources): Promise<ParseTotals> {
  const { s3, sqs, rowQueueUrl, settings } = resources;
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  const batch = (rowBatch: RowBatch) => sender.send(encodeBatch(rowBatch));
  const body = await openObject(s3, upload);
  if (body === undefined) {
    const message = 'The object version was deleted before it was read. Drop the file again.';
    const totals = await refuseUpload(upload, settings, { batch }, { code: 'object-gone', message });
    await sender.flush();
    return totals;
  }
  const rejectedFile = new RejectedFile(s3, upload);
  try {
    const rejects = rejectedFile.write.bind(rejectedFile);
    const totals = await parseUpload(upload, body, settings, { batch, rejects });
    await rejectedFile.close();
    await sender.flush();
    return totals;
  } catch (error) {
    await rejectedFile.abandon();
    throw error;
  } finally {
    body.destroy();
  }
}

async function openObject(s3: S3Client, { bucket, key, versionId }: Upload): Promise<Readable | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    return Body as Readable;
  } catch (error) {
    if (error instanceof Error && ['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
    throw error;
  }
}
