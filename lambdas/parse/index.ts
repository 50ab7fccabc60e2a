import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readEnvironment } from '../shared/environment.ts';
import { classifyError } from '../shared/errors.ts';
import { METRICS } from '../shared/metrics.ts';
import { MAX_UNKNOWN_ERROR_RECEIVES } from '../shared/retry.ts';
import { readRulesDocument } from '../shared/rules-file.ts';
import { settleFailure } from '../shared/settle-failure.ts';
import { splitRevision } from '../shared/upload-id.ts';
import { encodeCheckpoint, type ReadRequest, readUploadMessage } from '../shared/upload-message.ts';
import { CHECKPOINT_TIME_SHARE, PARSER_VARIABLES } from './environment.ts';
import { readObject } from './read-object.ts';

const environment = readEnvironment(PARSER_VARIABLES, process.env);
const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient();
const { maxUnpackedMiB, maxRejectedRows, maxMessageBytes } = environment;
const resources = {
  s3: new S3Client(),
  sqs,
  rowQueueUrl: environment.rowQueueUrl,
  keptBytes: environment.keptBytes,
  deployed: {
    ...splitRevision(environment.revision),
    document: readRulesDocument(),
    limits: { maxUnpackedMiB, maxRejectedRows, maxMessageBytes },
  },
};
const failureRoutes = {
  sqs,
  logger,
  queueUrl: environment.uploadQueueUrl,
  deadLetterQueueUrl: environment.uploadDeadLetterQueueUrl,
  classify: (error: unknown) => classifyError(error, 'transient'),
};
const processor = new BatchProcessor(EventType.SQS);

/** Parses each announced object version into batches on the row queue. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const reserved = context.getRemainingTimeInMillis() * CHECKPOINT_TIME_SHARE;
  const isTimeUp = () => context.getRemainingTimeInMillis() < reserved;
  return processPartialResponse(event, (record: SQSRecord) => parseRecord(record, isTimeUp), processor, {
    context,
    throwOnFullBatchFailure: false,
  });
}

async function parseRecord(record: SQSRecord, isTimeUp: () => boolean): Promise<void> {
  const isLastTry = Number(record.attributes.ApproximateReceiveCount) >= MAX_UNKNOWN_ERROR_RECEIVES;
  try {
    for (const request of readUploadMessage(record.body)) await parse(request, isTimeUp, isLastTry);
  } catch (error) {
    await settleFailure(record, error, failureRoutes);
  } finally {
    // Without any, Powertools logs a warning.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

async function parse(request: ReadRequest, isTimeUp: () => boolean, isLastTry: boolean): Promise<void> {
  const last = await readObject(request, resources, isTimeUp, isLastTry);
  const { upload } = last;
  const { uploadId, key, versionId } = upload;
  if (last.next !== undefined) {
    const { next: checkpoint, isCounting = false } = last;
    const MessageBody = encodeCheckpoint({ upload, checkpoint, isCounting });
    await sqs.send(new SendMessageCommand({ QueueUrl: environment.uploadQueueUrl, MessageBody }));
    const { batch, source, rowsRead } = checkpoint;
    const progress = { uploadId, key, versionId, isCounting, batch, byte: source.byte, rowsRead };
    logger.info('upload continues in another invocation', progress);
    return;
  }
  const { totals } = last;
  logger.info('upload parsed', { uploadId, key, versionId, ...totals });
  metrics.addMetric(METRICS.parse.uploadsParsed, MetricUnit.Count, 1);
  metrics.addMetric(METRICS.parse.uploadsFailed, MetricUnit.Count, totals.failure === undefined ? 0 : 1);
  metrics.addMetric(METRICS.parse.rowsRead, MetricUnit.Count, totals.rowsRead);
  metrics.addMetric(METRICS.parse.rowsRejected, MetricUnit.Count, totals.rowsRejected);
}
