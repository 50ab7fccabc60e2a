import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { CALL_TIMEOUT_MILLISECONDS, Database } from '../shared/database.ts';
import { CONSUMER_ENVIRONMENT, readEnvironment } from '../shared/environment.ts';
import { TransientError } from '../shared/errors.ts';
import { settleFailure } from '../shared/settle-failure.ts';
import { classifyError } from './classify-error.ts';
import { loadBatch } from './load-batch.ts';

const environment = readEnvironment(CONSUMER_ENVIRONMENT, process.env);
const logger = new Logger();
const metrics = new Metrics();
const sqs = new SQSClient();
const database = new Database(environment);
const failureRoutes = {
  sqs,
  logger,
  queueUrl: environment.rowQueueUrl,
  deadLetterQueueUrl: environment.rowDeadLetterQueueUrl,
  classify: (error: unknown) => (error instanceof TransientError ? 'transient' : classifyError(error)),
};
const processor = new BatchProcessor(EventType.SQS);

/** Loads each message of the row queue into the database. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  return processPartialResponse(event, loadRecord, processor, {
    context,
    processInParallel: false,
    throwOnFullBatchFailure: false,
  });
}

async function loadRecord(record: SQSRecord, context?: Context): Promise<void> {
  const remaining = context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  try {
    if (remaining < CALL_TIMEOUT_MILLISECONDS) throw new TransientError('no time is left for another call');
    const result = await loadBatch(record.body, database, Date.now() + remaining - CALL_TIMEOUT_MILLISECONDS);
    logger.info('batch loaded', { messageId: record.messageId, ...result });
    metrics.addMetric('RowsInserted', MetricUnit.Count, result.inserted);
    metrics.addMetric('RowsDuplicate', MetricUnit.Count, result.duplicate);
    metrics.addMetric('RowsConflicting', MetricUnit.Count, result.conflicting);
  } catch (error) {
    await settleFailure(record, error, failureRoutes);
  } finally {
    metrics.publishStoredMetrics();
  }
}
