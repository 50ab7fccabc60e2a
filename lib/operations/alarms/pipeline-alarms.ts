import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { deadlinesOf } from '../../../lambdas/core/deadlines.ts';
import {
  METRICS,
  type MeasuredFunction,
  type MetricName,
  STORE_DIMENSION,
} from '../../../lambdas/shared/metrics.ts';
import { metricsNamespace } from '../../pipeline/function.ts';
import type { Settings } from '../../settings/read-settings.ts';
import { type AlarmRows, STACKED_GRAPH } from '../operator-dashboard.ts';
import { above, critical, foundByLastRun, silentFor, warning } from './alarm.ts';

const HOUR = Duration.hours(1);
/**
 * Number of rejected rows per hour from which the share counts: a typo in a file of ten rows raises no alarm, a small
 * file with one wrong row in five does. A minimum number of rows read would exclude small files altogether.
 */
const MIN_REJECTED_ROWS = 10;
const MISSED_SWEEPS = 3;
/** Hours for a verification that starts late or is retried. */
const VERIFY_GRACE_HOURS = 2;

interface MetricOptions {
  readonly statistic?: string;
  readonly period?: Duration;
  readonly label?: string;
  /** Store of a metric that is counted by store. */
  readonly store?: string;
}

/** A metric that the function in a folder writes. */
export function writtenMetric<Folder extends MeasuredFunction>(
  { stage }: Settings,
  folder: Folder,
  metricName: MetricName<Folder>,
  { store, ...options }: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: metricsNamespace(stage),
    metricName,
    dimensionsMap: { service: folder, ...(store !== undefined && { [STORE_DIMENSION]: store }) },
    label: metricName,
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });
}

/** Counts the runs of a scheduled function. Every run that finishes writes the metric: one that always fails is silent. */
const countRuns = (label: string) => ({ statistic: 'SampleCount', period: HOUR, label });

/** Alarms of refused files, of rejected rows and, if the settings ask for it, of missing files. */
export function uploadAlarms(settings: Settings): AlarmRows {
  const { alarmNoUploadHours: hours, alarmRejectedPercent } = settings;
  const hourly = (name: MetricName<'parse'>) => writtenMetric(settings, 'parse', name, { period: HOUR });
  const loaded = (name: MetricName<'load'>) => writtenMetric(settings, 'load', name);
  const { uploadsParsed, uploadsFailed, rowsRead, rowsRejected } = METRICS.parse;
  const { rowsInserted, rowsDuplicate, rowsConflicting } = METRICS.load;
  const parsed = hourly(uploadsParsed);
  const rejectedPercent = new MathExpression({
    expression: `IF(rejected >= ${MIN_REJECTED_ROWS}, 100 * rejected / read, 0)`,
    usingMetrics: { rejected: hourly(rowsRejected), read: hourly(rowsRead) },
    label: `percent, from ${MIN_REJECTED_ROWS} rejected rows`,
    period: HOUR,
  });
  return {
    'Files and rows': {
      'Files per hour': [
        hours === undefined
          ? parsed
          : warning('Parse/NoUpload', `No file arrived for ${hours} hours.`, parsed, silentFor(hours)),
        warning('Parse/UploadsFailed', 'A file was refused as a whole.', hourly(uploadsFailed)),
      ],
      [STACKED_GRAPH]: [
        ...[rowsInserted, rowsDuplicate, rowsConflicting].map(loaded),
        writtenMetric(settings, 'parse', rowsRejected),
      ],
      'Rejected rows, percent of the hour': warning(
        'Parse/RejectedShare',
        `More than ${alarmRejectedPercent} % of the rows of one hour were rejected.`,
        rejectedPercent,
        above(alarmRejectedPercent),
      ),
    },
  };
}

/** Graphs of what stores were told. Failed deliveries are dead letters, which have an alarm. */
export function noticeGraphs(settings: Settings): AlarmRows {
  const { receiptsSent, deliveriesSent, deliveriesFailed } = METRICS.notify;
  const hourly = (name: MetricName<'notify'>) => writtenMetric(settings, 'notify', name, { period: HOUR });
  return {
    Notices: {
      'Receipts per hour': hourly(receiptsSent),
      'Mails and webhooks per hour': [hourly(deliveriesSent), hourly(deliveriesFailed)],
    },
  };
}

/** Alarms of the sweeper's findings, and of missing sweeps. */
export function sweepAlarms(settings: Settings): AlarmRows {
  const { lostObjectsSent, stuckUploadsSent } = METRICS.sweep;
  const silentHours = Math.max(2, Math.ceil((MISSED_SWEEPS * settings.sweepEveryMinutes) / 60));
  return {
    Sweep: {
      'Objects sent to the parser again': [
        warning(
          'Sweep/LostObjects',
          'Files in the bucket had no S3 event (lost notifications).',
          writtenMetric(settings, 'sweep', lostObjectsSent),
          foundByLastRun,
        ),
        warning(
          'Sweep/StuckUploads',
          `Uploads made no progress for ${settings.stuckAfterMinutes} minutes.`,
          writtenMetric(settings, 'sweep', stuckUploadsSent),
          foundByLastRun,
        ),
      ],
      'Sweeps per hour': warning(
        'Sweep/NotRun',
        `No sweep has finished for ${silentHours} hours.`,
        writtenMetric(settings, 'sweep', lostObjectsSent, countRuns('sweeps')),
        silentFor(silentHours),
      ),
    },
  };
}

/** Alarms of the verifier's findings, and of missing verifications. */
export function verifyAlarms(settings: Settings): AlarmRows {
  const { ledgerDifferences, stuckUploads } = METRICS.verify;
  const silentHours = settings.verifyEveryHours + VERIFY_GRACE_HOURS;
  return {
    Verify: {
      'Findings of the verifier': [
        critical(
          'Verify/LedgerDifferences',
          'The ledger differs from the table, or lacks a file that its receipt calls complete.',
          writtenMetric(settings, 'verify', ledgerDifferences),
          foundByLastRun,
        ),
        critical(
          'Verify/StuckUploads',
          `Uploads still make no progress after ${settings.stuckAfterMinutes} minutes.`,
          writtenMetric(settings, 'verify', stuckUploads),
          foundByLastRun,
        ),
      ],
      'Verifications per hour': warning(
        'Verify/NotRun',
        `No verification has finished for ${silentHours} hours.`,
        writtenMetric(settings, 'verify', ledgerDifferences, countRuns('verifications')),
        silentFor(silentHours),
      ),
      ...missingFileAlarms(settings),
    },
  };
}

/** An alarm for each store with a deadline (`retail:deadlines`). */
function missingFileAlarms(settings: Settings): AlarmRows[string] {
  const { stores, deadlines, verifyEveryHours } = settings;
  const watched = stores.filter((store) => deadlinesOf(deadlines, store).length > 0);
  if (watched.length === 0) return {};
  const alarms = watched.map((store) => ({
    ...warning(
      'Verify/MissingStoreDays',
      `No file of the store ${store} arrived on a day whose deadline passed in the ${verifyEveryHours} hours before the last verification.`,
      writtenMetric(settings, 'verify', METRICS.verify.missingStoreDays, { store, label: store }),
      foundByLastRun,
    ),
    subject: store,
  }));
  return { 'Days without a file': alarms };
}
