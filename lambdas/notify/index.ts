import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { ApiSecret } from '../shared/api-secret.ts';
import { CALL_TIMEOUT_MILLISECONDS, Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { classifyError, type ErrorKind, TransientError } from '../shared/errors.ts';
import { METRICS } from '../shared/metrics.ts';
import { type NoticeMessage, readNoticeMessage } from '../shared/notice-message.ts';
import { readNotifySettings } from '../shared/notify-settings.ts';
import { settleFailure } from '../shared/settle-failure.ts';
import { deliver } from './deliver.ts';
import { NOTIFIER_VARIABLES } from './environment.ts';
import { sendReceipts } from './send-receipts.ts';

/** Receives of a delivery, over about a day, before the store's address counts as wrong. */
const MAX_DELIVERY_RECEIVES = 60;

const environment = readEnvironment(NOTIFIER_VARIABLES, process.env);
const settings = readNotifySettings(import.meta.url);
const logger = new Logger();
const metrics = new Metrics();
const database = new Database(environment);
const sqs = new SQSClient();
const resources = { ...environment, settings, sqs, s3: new S3Client(), events: new EventBridgeClient() };
const deliveryResources = {
  settings,
  ses: new SESv2Client(),
  webhookSecret: new ApiSecret(new SecretsManagerClient(), environment.webhookSecretArn),
};
const failureRoutes = {
  sqs,
  logger,
  queueUrl: environment.noticeQueueUrl,
  deadLetterQueueUrl: environment.noticeDeadLetterQueueUrl,
};
const processor = new BatchProcessor(EventType.SQS);

/** Writes the receipts of uploads that ended, and delivers receipts to stores. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    return await processPartialResponse(event, handleMessage, processor, {
      context,
      throwOnFullBatchFailure: false,
    });
  } finally {
    // Without any, Powertools logs a warning.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  }
}

async function handleMessage(record: SQSRecord, context?: Context): Promise<void> {
  let message: NoticeMessage | undefined;
  try {
    message = readNoticeMessage(record.body);
    if ('uploadId' in message) await handleUpload(message.uploadId, context!);
    else await handleDelivery(message);
  } catch (error) {
    const isDelivery = message !== undefined && 'channel' in message;
    const receives = Number(record.attributes.ApproximateReceiveCount);
    const classify = (cause: unknown): ErrorKind => classifyNoticeError(cause, isDelivery, receives);
    if (isDelivery && classify(error) === 'permanent') {
      metrics.addMetric(METRICS.notify.deliveriesFailed, MetricUnit.Count, 1);
    }
    await settleFailure(record, error, { ...failureRoutes, classify });
  }
}

/** A receipt is sent sooner or later: nothing about it depends on the store. A delivery has a limited time. */
function classifyNoticeError(error: unknown, isDelivery: boolean, receives: number): ErrorKind {
  const kind = classifyError(error, 'transient');
  if (!isDelivery || kind === 'permanent') return kind;
  return receives >= MAX_DELIVERY_RECEIVES ? 'permanent' : 'transient';
}

async function handleUpload(uploadId: string, context: Context): Promise<void> {
  if (context.getRemainingTimeInMillis() < CALL_TIMEOUT_MILLISECONDS) {
    throw new TransientError('no time is left for another call');
  }
  const result = await sendReceipts(uploadId, { ...resources, query: database.queryWithin(context) });
  logger.info('receipts sent', { uploadId, ...result });
  metrics.addMetric(METRICS.notify.receiptsSent, MetricUnit.Count, result.sent);
}

async function handleDelivery({
  channel,
  receipt,
}: Extract<NoticeMessage, { channel: unknown }>): Promise<void> {
  await deliver(channel, receipt, deliveryResources);
  logger.info('receipt delivered', { channel, storeId: receipt.storeId, receiptId: receipt.id });
  metrics.addMetric(METRICS.notify.deliveriesSent, MetricUnit.Count, 1);
}
