import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import type { Context } from 'aws-lambda';
import type { CheckFinding } from '../core/api-checks.ts';
import type { MissingFile } from '../core/deadlines.ts';
import { toFinding, writeCheckResult } from '../shared/check-results.ts';
import { Database } from '../shared/data-api.ts';
import { readDeadlines } from '../shared/deadlines-file.ts';
import { readEnvironment } from '../shared/environment.ts';
import { findLostReceipts } from '../shared/lost-receipts.ts';
import { METRICS, STORE_DIMENSION } from '../shared/metrics.ts';
import { findMissingFiles } from '../shared/missing-files.ts';
import { checkLedger, findReplayLosses, findStuckUploads } from '../shared/verification.ts';
import { VERIFIER_VARIABLES } from './environment.ts';

const DAY_MILLISECONDS = 86_400_000;
const HOUR_MILLISECONDS = 3_600_000;
/** Hours for a run that starts late: a deadline is looked at by one run or by two. */
const GRACE_HOURS = 2;
/** Files that the database lost which are named. */
const MAX_LOST_FILES = 100;

const environment = readEnvironment(VERIFIER_VARIABLES, process.env);
const logger = new Logger();
const metrics = new Metrics();
const deadlines = readDeadlines();
const database = new Database(environment);
const s3 = new S3Client();

/**
 * Checks the uploads and receipts of the last days against the table, and finds the stores without a file. Each
 * difference is an error in the log.
 */
export async function handler(_event: unknown, context: Context) {
  const query = database.queryWithin(context);
  const start = new Date(Date.now() - environment.verifyDays * DAY_MILLISECONDS);
  const since = start.toISOString();
  const { uploadsChecked, rowsChecked, differences: found } = await checkLedger(query, since);
  const { lost, endangered } = await findReplayLosses(query, since, environment.parserRevision);
  const { bucketName } = environment;
  const missing = await findLostReceipts({ s3, bucketName, query, since: start, limit: MAX_LOST_FILES });
  const differences = [...found, ...lost, ...endangered, ...missing];
  const { count: stuckUploads, differences: stuck } = await findStuckUploads(
    query,
    environment.stuckAfterSeconds,
  );
  for (const difference of differences) logger.error('ledger and table differ', { ...difference });
  metrics.addMetric(METRICS.verify.ledgerDifferences, MetricUnit.Count, differences.length);
  metrics.addMetric(METRICS.verify.stuckUploads, MetricUnit.Count, stuckUploads);
  metrics.publishStoredMetrics();
  const missingFiles = await findMissingFiles(query, deadlines, {
    now: new Date(),
    windowMilliseconds: (environment.verifyEveryHours + GRACE_HOURS) * HOUR_MILLISECONDS,
  });
  for (const [store, files] of missingFiles) {
    for (const file of files) logger.warn('no file has arrived', { ...file });
    const metric = metrics.singleMetric();
    metric.addDimension(STORE_DIMENSION, store);
    metric.addMetric(METRICS.verify.missingStoreDays, MetricUnit.Count, files.length);
  }
  const missingDays = [...missingFiles.values()].flat();
  const counts = {
    uploads: uploadsChecked,
    rows: rowsChecked,
    differences: differences.length,
    stuck: stuckUploads,
    stores: missingFiles.size,
    missing: missingDays.length,
  };
  await writeCheckResult({ s3, bucketName }, 'verify', counts, [
    ...[...found, ...lost, ...missing].map((difference) => toFinding('difference', difference)),
    ...endangered.map((difference) => toFinding('endangered', difference)),
    ...missingDays.map(toMissingFinding),
    ...stuck.map((difference) => toFinding('stuck', difference)),
  ]);
  return { uploadsChecked, differences, stuckUploads, missingFiles: missingDays };
}

function toMissingFinding({ store, day, expected }: MissingFile): CheckFinding {
  return { ...toFinding('missing', { text: `no file has arrived by ${expected}` }), store, day };
}
