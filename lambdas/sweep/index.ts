import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import { writeCheckResult } from '../shared/check-results.ts';
import { Database } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { METRICS } from '../shared/metrics.ts';
import { SWEEPER_VARIABLES } from './environment.ts';
import { sweep } from './sweep.ts';

const environment = readEnvironment(SWEEPER_VARIABLES, process.env);
const logger = new Logger();
const metrics = new Metrics();
const database = new Database(environment);
const resources = { ...environment, s3: new S3Client(), sqs: new SQSClient() };

/** Compares a part of the bucket with the ledger, and sends missing uploads to the parser again. */
export async function handler(_event: unknown, context: Context) {
  const { findings, ...result } = await sweep({ ...resources, query: database.queryWithin(context) });
  logger.info('swept', { ...result });
  metrics.addMetric(METRICS.sweep.lostObjectsSent, MetricUnit.Count, result.lost);
  metrics.addMetric(METRICS.sweep.stuckUploadsSent, MetricUnit.Count, result.stuck);
  metrics.publishStoredMetrics();
  const { versionsListed: files, compared, lost, stuck, unsent } = result;
  await writeCheckResult(resources, 'sweep', { files, compared, lost, stuck, unsent }, findings);
  return result;
}
