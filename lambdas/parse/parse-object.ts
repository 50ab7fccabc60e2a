import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type ParsedBatch, type ParseSettings, parseBatches, refuseUpload } from '../core/parse.ts';
import { encodeMessage } from '../core/row-batch.ts';
import type { ParseTask } from '../shared/upload-message.ts';
import { openObject } from './bytes/open-object.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowQueueSender } from './row-queue-sender.ts';

export interface ParserResources {
  readonly s3: S3Client;
  readonly sqs: SQSClient;
  readonly rowQueueUrl: string;
  readonly settings: ParseSettings;
  readonly maxUnpackedMiB: number;
}

/**
 * Parses one object version and sends its batches.
 * @param isTimeUp is asked after each batch
 * @returns the last batch that was sent. The row queue then has it and all batches before it.
 */
export async function parseObject(
  { upload, checkpoint }: ParseTask,
  { s3, sqs, rowQueueUrl, settings, maxUnpackedMiB }: ParserResources,
  isTimeUp: () => boolean,
): Promise<ParsedBatch> {
  const sender = new RowQueueSender(sqs, rowQueueUrl);
  const bytes = await openObject(s3, upload, maxUnpackedMiB, checkpoint);
  const { compression } = bytes;
  if ('failure' in bytes) {
    const refused = refuseUpload(upload, bytes.failure, compression && { compression });
    await sender.send(encodeMessage(refused.batch));
    await sender.flush();
    return refused;
  }
  const rejectedFile = new RejectedFile(s3, upload, checkpoint?.batch ?? 1);
  try {
    let last: ParsedBatch | undefined;
    for await (const parsed of parseBatches(upload, { ...bytes, checkpoint }, settings)) {
      await rejectedFile.write(parsed.batch);
      await sender.send(encodeMessage(parsed.batch));
      last = parsed;
      if (isTimeUp()) break;
    }
    await rejectedFile.close();
    await sender.flush();
    return last!;
  } catch (error) {
    await rejectedFile.abort();
    throw error;
  } finally {
    bytes.close();
  }
}
