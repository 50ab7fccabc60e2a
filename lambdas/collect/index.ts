import { Logger } from '@aws-lambda-powertools/logger';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readEnvironment } from '../shared/environment.ts';
import { classifyError } from '../shared/errors.ts';
import { settleFailure } from '../shared/settle-failure.ts';
import { groupByStore, type ReceivedCall, readCall, writeCalls } from './collect-calls.ts';
import { COLLECTOR_VARIABLES } from './environment.ts';

const { bucketName, callQueueUrl, callDeadLetterQueueUrl } = readEnvironment(
  COLLECTOR_VARIABLES,
  process.env,
);
const logger = new Logger();
const s3 = new S3Client();
const failureRoutes = {
  sqs: new SQSClient(),
  logger,
  queueUrl: callQueueUrl,
  deadLetterQueueUrl: callDeadLetterQueueUrl,
  classify: (error: unknown) => classifyError(error, 'transient'),
};

/** Writes the messages of the call queue to objects, one for each store. Messages that fail go back to the queue. */
export async function handler({ Records }: SQSEvent): Promise<SQSBatchResponse> {
  const received: ReceivedCall[] = [];
  const returned: SQSRecord[] = [];
  const fail = async (records: readonly SQSRecord[], error: unknown): Promise<void> => {
    const settled = await Promise.allSettled(
      records.map((record) => settleFailure(record, error, failureRoutes)),
    );
    returned.push(...records.filter((_, index) => settled[index]!.status === 'rejected'));
  };
  for (const record of Records) {
    try {
      received.push(readCall(record));
    } catch (error) {
      await fail([record], error);
    }
  }
  for (const [storeId, calls] of groupByStore(received)) {
    try {
      const written = await writeCalls(calls, s3, bucketName);
      logger.info('calls collected', { storeId, messages: calls.length, ...written });
    } catch (error) {
      await fail(
        calls.map(({ record }) => record),
        error,
      );
    }
  }
  return { batchItemFailures: returned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
