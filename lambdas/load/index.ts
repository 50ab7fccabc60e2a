import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { CALL_TIMEOUT_MILLISECONDS, Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { TransientError } from '../shared/errors.ts';
import { METRICS } from '../shared/metrics.ts';
import type { NoticeMessage } from '../shared/notice-message.ts';
import { settleFailure } from '../shared/settle-failure.ts';
import { LOADER_VARIABLES } from './environment.ts';

/** Number of rows of a batch by result, as `ledger.load_batch` returns them. */
interface LoadResult {
  readonly seenBefore: boolean;
  readonly inserted: number;
  readonly duplicate: number;
  readonly conflicting: number;
  readonly rejected: number;
  /** True if decisions about the file are not applied yet: the same message again applies the next step. */
  readonly more: boolean;
  /** Ids of uploads that ended or changed, and whose notices are not sent. */
  readonly announced?: readonly string[];
}

/** The sweeper finds a notice that is not sent now: waiting longer would cost the time of other batches. */
const NOTICE_TIMEOUT_MILLISECONDS = 2_000;

const environment = readEnvironment(LOADER_VARIABLES, process.env);
const logger = new Logger();
const metrics = new Metrics();
const database = new Database(environment);
const sqs = new SQSClient();
const failureRoutes = {
  sqs,
  logger,
  queueUrl: environment.rowQueueUrl,
  deadLetterQueueUrl: environment.rowDeadLetterQueueUrl,
};
const processor = new BatchProcessor(EventType.SQS);

/** Loads each message of the row queue into the database. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const announced = new Set<string>();
  const response = await processPartialResponse(
    event,
    async (record: SQSRecord, invocation?: Context) => {
      for (const uploadId of await handleMessage(record, invocation)) announced.add(uploadId);
    },
    processor,
    { context, processInParallel: false, throwOnFullBatchFailure: false },
  );
  await Promise.all([...announced].map(tellNotifier));
  return response;
}

/** Tells the notifier about an upload, if that is possible now. */
async function tellNotifier(uploadId: string): Promise<void> {
  const message: NoticeMessage = { uploadId };
  const command = new SendMessageCommand({
    QueueUrl: environment.noticeQueueUrl,
    MessageBody: JSON.stringify(message),
  });
  const abortSignal = AbortSignal.timeout(NOTICE_TIMEOUT_MILLISECONDS);
  await sqs.send(command, { abortSignal }).catch((error: Error) => {
    logger.warn('the notifier was not told: the sweeper does it later', { uploadId, error });
  });
}

/** @returns the uploads to tell the notifier about */
async function handleMessage(record: SQSRecord, context?: Context): Promise<readonly string[]> {
  const remaining = context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  try {
    if (remaining < CALL_TIMEOUT_MILLISECONDS) throw new TransientError('no time is left for another call');
    const deadline = Date.now() + remaining - CALL_TIMEOUT_MILLISECONDS;
    const { more, announced = [], ...result } = await loadBatch(record.body, deadline);
    let last: Pick<LoadResult, 'more' | 'announced'> = { more, announced };
    while (last.more) {
      // The message continues where it stopped.
      if (Date.now() > deadline) throw new TransientError('no time is left for the next step of a decision');
      last = await loadBatch(record.body, deadline);
    }
    logger.info('batch loaded', { messageId: record.messageId, ...result });
    metrics.addMetric(METRICS.load.rowsInserted, MetricUnit.Count, result.inserted);
    metrics.addMetric(METRICS.load.rowsDuplicate, MetricUnit.Count, result.duplicate);
    metrics.addMetric(METRICS.load.rowsConflicting, MetricUnit.Count, result.conflicting);
    return last.announced ?? [];
  } catch (error) {
    await settleFailure(record, error, failureRoutes);
    return [];
  } finally {
    // Without any, Powertools logs a warning.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

/** Loads one batch in one call. The call may be repeated if its outcome is unknown: the database knows the batch. */
async function loadBatch(message: string, deadline: number): Promise<LoadResult> {
  const sql = 'SELECT ledger.load_batch(CAST(:message AS json)) AS result';
  const [[result = ''] = []] = await database.rows(sql, { message }, deadline);
  return JSON.parse(result) as LoadResult;
}
