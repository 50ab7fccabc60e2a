import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { METRICS, type MeasuredFunction, type MetricName } from '../../../lambdas/shared/metrics.ts';
import { metricsNamespace } from '../../pipeline/function.ts';
import type { Settings } from '../../settings/read-settings.ts';
import { type AlarmSection, above, foundByLastRun, silentFor } from './alarm.ts';

const HOUR = Duration.hours(1);
/**
 * Number of rejected rows per hour from which the share counts: a typo in a file of ten rows raises no alarm, a small
 * file with one wrong row in five does. A minimum number of rows read would exclude small files altogether.
 */
const MIN_REJECTED_ROWS = 10;
const MISSED_SWEEPS = 3;
/** Hours for a verification that starts late or is retried. */
const VERIFY_GRACE_HOURS = 2;

/** A metric that the function in a folder writes. */
export function writtenMetric<Folder extends MeasuredFunction>(
  { stage }: Settings,
  folder: Folder,
  metricName: MetricName<Folder>,
  options: { readonly statistic?: string; readonly period?: Duration; readonly label?: string } = {},
): Metric {
  return new Metric({
    namespace: metricsNamespace(stage),
    metricName,
    dimensionsMap: { service: folder },
    label: metricName,
    statistic: 'Sum',
    period: Duration.minutes(5),
    ...options,
  });
}

/** Alarms of refused files, of rejected rows and, if the settings ask for it, of missing files. */
export function uploadAlarms(settings: Settings): AlarmSection {
  const { alarmNoUploadHours, alarmRejectedPercent } = settings;
  const hourly = (name: MetricName<'parse'>) => writtenMetric(settings, 'parse', name, { period: HOUR });
  const loaded = (name: MetricName<'load'>) => writtenMetric(settings, 'load', name);
  const { uploadsParsed, uploadsFailed, rowsRead, rowsRejected } = METRICS.parse;
  const { rowsInserted, rowsDuplicate, rowsConflicting } = METRICS.load;
  return {
    title: 'Files and rows',
    graphs: [
      {
        title: 'Files per hour',
        metrics: alarmNoUploadHours === undefined ? [hourly(uploadsParsed)] : [],
        alarms: [
          ...(alarmNoUploadHours === undefined
            ? []
            : [
                {
                  heading: 'Parse/NoUpload',
                  severity: 'warning' as const,
                  meaning: `No file arrived for ${alarmNoUploadHours} hours.`,
                  metric: hourly(uploadsParsed),
                  ...silentFor(alarmNoUploadHours),
                },
              ]),
          {
            heading: 'Parse/UploadsFailed',
            severity: 'warning',
            meaning: 'A file was refused as a whole.',
            metric: hourly(uploadsFailed),
            ...above(0),
          },
        ],
      },
      {
        title: 'Rows by result',
        stacked: true,
        metrics: [
          ...[rowsInserted, rowsDuplicate, rowsConflicting].map(loaded),
          writtenMetric(settings, 'parse', rowsRejected),
        ],
      },
      {
        title: 'Rejected rows, percent of the hour',
        alarms: [
          {
            heading: 'Parse/RejectedShare',
            severity: 'warning',
            meaning: `More than ${alarmRejectedPercent} % of the rows of one hour were rejected.`,
            metric: new MathExpression({
              expression: `IF(rejected >= ${MIN_REJECTED_ROWS}, 100 * rejected / read, 0)`,
              usingMetrics: { rejected: hourly(rowsRejected), read: hourly(rowsRead) },
              label: `percent, from ${MIN_REJECTED_ROWS} rejected rows`,
              period: HOUR,
            }),
            ...above(alarmRejectedPercent),
          },
        ],
      },
    ],
  };
}

/** Alarms of the sweeper's findings, and of missing sweeps. */
export function sweepAlarms(settings: Settings): AlarmSection {
  const { lostObjectsSent, stuckUploadsSent } = METRICS.sweep;
  const silentHours = Math.max(2, Math.ceil((MISSED_SWEEPS * settings.sweepEveryMinutes) / 60));
  return {
    title: 'Sweep',
    graphs: [
      {
        title: 'Objects sent to the parser again',
        alarms: [
          {
            heading: 'Sweep/LostObjects',
            severity: 'warning',
            meaning: 'Files in the bucket had no S3 event (lost notifications).',
            metric: writtenMetric(settings, 'sweep', lostObjectsSent),
            ...foundByLastRun,
          },
          {
            heading: 'Sweep/StuckUploads',
            severity: 'warning',
            meaning: `Uploads made no progress for ${settings.stuckAfterMinutes} minutes.`,
            metric: writtenMetric(settings, 'sweep', stuckUploadsSent),
            ...foundByLastRun,
          },
        ],
      },
      {
        title: 'Sweeps per hour',
        alarms: [
          {
            heading: 'Sweep/NotRun',
            severity: 'warning',
            meaning: `No sweep has finished for ${silentHours} hours.`,
            // Every finished sweep writes the metric: a sweeper that always fails is silent too.
            metric: writtenMetric(settings, 'sweep', lostObjectsSent, {
              statistic: 'SampleCount',
              period: HOUR,
              label: 'sweeps',
            }),
            ...silentFor(silentHours),
          },
        ],
      },
    ],
  };
}

/** Alarms of the verifier's findings, and of missing verifications. */
export function verifyAlarms(settings: Settings): AlarmSection {
  const { ledgerDifferences, stuckUploads } = METRICS.verify;
  const silentHours = settings.verifyEveryHours + VERIFY_GRACE_HOURS;
  return {
    title: 'Verify',
    graphs: [
      {
        title: 'Findings of the verifier',
        alarms: [
          {
            heading: 'Verify/LedgerDifferences',
            severity: 'critical',
            meaning: 'The ledger and the table differ.',
            metric: writtenMetric(settings, 'verify', ledgerDifferences),
            ...foundByLastRun,
          },
          {
            heading: 'Verify/StuckUploads',
            severity: 'critical',
            meaning: `Uploads still make no progress after ${settings.stuckAfterMinutes} minutes.`,
            metric: writtenMetric(settings, 'verify', stuckUploads),
            ...foundByLastRun,
          },
        ],
      },
      {
        title: 'Verifications per hour',
        alarms: [
          {
            heading: 'Verify/NotRun',
            severity: 'warning',
            meaning: `No verification has finished for ${silentHours} hours.`,
            // Every finished verification writes the metric: a verifier that always fails is silent too.
            metric: writtenMetric(settings, 'verify', ledgerDifferences, {
              statistic: 'SampleCount',
              period: HOUR,
              label: 'verifications',
            }),
            ...silentFor(silentHours),
          },
        ],
      },
    ],
  };
}
