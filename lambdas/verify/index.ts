import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { CALL_TIMEOUT_MILLISECONDS, Database, type Query } from '../shared/data-api.ts';
import { readEnvironment } from '../shared/environment.ts';
import { METRICS } from '../shared/metrics.ts';
import { VERIFIER_VARIABLES } from './environment.ts';
import { type Verification, verify } from './verify.ts';

const { stuckAfterSeconds, verifyDays, ...target } = readEnvironment(VERIFIER_VARIABLES, process.env);
const logger = new Logger();
const metrics = new Metrics();
const database = new Database(target);

/** Checks the uploads of the last days against the table. Each difference is an error in the log. */
export async function handler(_event: unknown, context: Context): Promise<Verification> {
  const resumeDeadline = Date.now() + context.getRemainingTimeInMillis() - CALL_TIMEOUT_MILLISECONDS;
  const query: Query = (sql, parameters) => database.rows(sql, parameters, resumeDeadline);
  const verification = await verify(query, { verifyDays, stuckAfterSeconds });
  for (const difference of verification.differences)
    logger.error('ledger and table differ', { ...difference });
  metrics.addMetric(METRICS.verify.ledgerDifferences, MetricUnit.Count, verification.differences.length);
  metrics.addMetric(METRICS.verify.stuckUploads, MetricUnit.Count, verification.stuckUploads);
  metrics.publishStoredMetrics();
  return verification;
}
