import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { settleFailure } from '../aws/settle-failure.ts';
import { PARSER_ENVIRONMENT, readEnvironment } from '../contract/environment.ts';
import { parseBasisPoints } from '../core/money.ts';
import { processUpload } from './process-upload.ts';
import { readUploads } from './s3-events.ts';

const environment = readEnvironment(PARSER_ENVIRONMENT, process.env);
const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient();
const resources = {
  s3: new S3Client(),
  sqs,
  rowQueueUrl: environment.rowQueueUrl,
  settings: {
    basisPoints: parseBasisPoints(environment.taxPercent),
    maxMessageBytes: Number(environment.maxMessageBytes),
  },
};
const failureRoutes = {
  sqs,
  logger,
  queueUrl: environment.uploadQueueUrl,
  deadLetterQueueUrl: environment.uploadDeadLetterQueueUrl,
  // What the parser needs besides the message (S3, SQS) comes back; a message that it cannot read says so itself.
  classify: () => 'transient' as const,
};
const processor = new BatchProcessor(EventType.SQS);

/** Turns each announced object version into batches on the row queue. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  return processPartialResponse(event, parseRecord, processor, { context, throwOnFullBatchFailure: false });
}

async function parseRecord(record: SQSRecord): Promise<void> {
  try {
    for (const upload of readUploads(record.body)) {
      const totals = await processUpload(upload, resources);
      const { uploadId, key, versionId } = upload;
      logger.info('upload parsed', { uploadId, key, versionId, ...totals });
      metrics.addMetric('UploadsParsed', MetricUnit.Count, 1);
      metrics.addMetric('UploadsFailed', MetricUnit.Count, totals.failure === undefined ? 0 : 1);
      metrics.addMetric('RowsRead', MetricUnit.Count, totals.rowsRead);
      metrics.addMetric('RowsRejected', MetricUnit.Count, totals.rowsRejected);
    }
  } catch (error) {
    await settleFailure(record, error, failureRoutes);
  } finally {
    metrics.publishStoredMetrics();
  }
}
