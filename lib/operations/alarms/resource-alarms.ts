import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import { backupVaultName } from '../../data/backup.ts';
import type { PipelineFunction } from '../../pipeline/function.ts';
import type { StepQueue } from '../../pipeline/step-queue.ts';
import type { Settings } from '../../settings/read-settings.ts';
import type { AlarmRows } from '../operator-dashboard.ts';
import { above, critical, LASTING_PERIODS, warning } from './alarm.ts';

/** A message that crashes its function returns after at least half an hour: one period, and so one alarm, covers both. */
const HOUR = Duration.hours(1);
const MILLISECONDS_PER_SECOND = 1_000;

/** Title and graphs of the alarms that every function has: errors, throttles, and a duration near its timeout. */
export function functionAlarms(fn: PipelineFunction, { alarmDurationPercent }: Settings) {
  const { stem, folder, checkpointShare } = fn;
  const timeoutSeconds = fn.timeout!.toSeconds();
  // A function that writes a checkpoint uses its time up to there on purpose: only the rest of the time counts.
  const limitPercent =
    checkpointShare === 0
      ? alarmDurationPercent
      : Math.round(100 * (1 - checkpointShare) + alarmDurationPercent * checkpointShare);
  const failed = `The function ${folder} failed, crashed or timed out.`;
  const throttled = `Lambda throttled the function ${folder}.`;
  const graphs = {
    Invocations: fn.metricInvocations({ label: 'invocations' }),
    'Duration, milliseconds': [
      fn.metricDuration({ statistic: 'p50', label: 'median' }),
      warning(
        `${stem}/DurationNearLimit`,
        `The function ${folder} used more than ${limitPercent} % of its timeout of ${timeoutSeconds} s.`,
        fn.metricDuration({ statistic: 'Maximum', label: 'longest' }),
        above(Math.round(timeoutSeconds * MILLISECONDS_PER_SECOND * (limitPercent / 100))),
      ),
    ],
    'Errors and throttles per hour': [
      warning(`${stem}/Errors`, failed, fn.metricErrors({ period: HOUR, label: 'errors' })),
      warning(`${stem}/Throttles`, throttled, fn.metricThrottles({ period: HOUR, label: 'throttles' })),
    ],
  };
  return [`${stem}: function ${folder}`, graphs] as const;
}

export interface QueueAlarmsProps {
  /** First part of the headings: `Parse` or `Load`. */
  readonly stem: string;
  readonly queue: StepQueue;
  /** Name of the messages, in the plural. */
  readonly content: string;
  readonly maxAgeMinutes: number;
  readonly maxDepth: number;
}

/** Alarms of the queue in front of a step: age, depth, no progress, and dead letters. */
export function queueAlarms(props: QueueAlarmsProps): AlarmRows {
  const { stem, content, maxAgeMinutes, maxDepth } = props;
  const { queue, deadLetterQueue } = props.queue;
  const stalledHours = Math.max(2, Math.ceil(maxAgeMinutes / 60));
  // During an outage of the database most messages are in flight: they wait for their next retry.
  const waiting = new MathExpression({
    expression: 'FILL(visible, 0) + FILL(inFlight, 0)',
    usingMetrics: {
      visible: queue.metricApproximateNumberOfMessagesVisible(),
      inFlight: queue.metricApproximateNumberOfMessagesNotVisible(),
    },
    label: 'waiting or in flight',
  });
  // 1 for an hour in which messages were received and none was deleted. The age of the oldest message excludes messages
  // that were received more than three times (SQS developer guide, "Available CloudWatch metrics"), which in an outage
  // are all of them. Messages are retried at least every half hour; one hour alone may belong to a large file.
  const stalled = new MathExpression({
    expression: 'IF(received > 0 AND deleted < 1, 1, 0)',
    usingMetrics: {
      received: queue.metricNumberOfMessagesReceived({ period: HOUR }),
      deleted: queue.metricNumberOfMessagesDeleted({ period: HOUR }),
    },
    label: 'retried without progress',
    period: HOUR,
  });
  return {
    [`${stem}: queue of ${content}`]: {
      'Age of the oldest message, seconds': critical(
        `${stem}/QueueAge`,
        `The oldest of the ${content} has been waiting for more than ${maxAgeMinutes} minutes.`,
        queue.metricApproximateAgeOfOldestMessage({ label: 'seconds' }),
        above(maxAgeMinutes * 60),
      ),
      [`Number of waiting ${content}`]: warning(
        `${stem}/QueueDepth`,
        `More than ${maxDepth} ${content} have been waiting for 15 minutes.`,
        waiting,
        above(maxDepth, LASTING_PERIODS),
      ),
      'Hours without progress': critical(
        `${stem}/Stalled`,
        `No message has left the queue of ${content} for ${stalledHours} hours, despite retries.`,
        stalled,
        above(0, stalledHours),
      ),
      'Dead letters': critical(
        `${stem}/DlqNotEmpty`,
        `The dead-letter queue of ${content} has messages.`,
        deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'messages' }),
      ),
    },
  };
}

/** Alarms of capacity and connections. CloudWatch answers for these metrics: a paused database stays paused. */
export function databaseAlarms(cluster: DatabaseCluster, settings: Settings): AlarmRows {
  const { alarmAcuPercent, alarmConnections, databaseMaxAcu } = settings;
  const average = (name: string, label: string) => cluster.metric(name, { statistic: 'Average', label });
  return {
    Database: {
      [`Capacity, percent of ${databaseMaxAcu} ACU`]: warning(
        'Database/CapacityNearLimit',
        `The database has used more than ${alarmAcuPercent} % of its ${databaseMaxAcu} ACU for 15 minutes.`,
        average('ACUUtilization', 'percent'),
        above(alarmAcuPercent, LASTING_PERIODS),
      ),
      Connections: warning(
        'Database/Connections',
        `The database has had more than ${alarmConnections} connections for 15 minutes.`,
        cluster.metricDatabaseConnections({ statistic: 'Maximum', label: 'connections' }),
        above(alarmConnections, LASTING_PERIODS),
      ),
      'Commit latency, milliseconds': average('CommitLatency', 'commit'),
      'Storage latency, seconds': [average('ReadLatency', 'read'), average('WriteLatency', 'write')],
    },
  };
}

/** Alarms of backup jobs that failed or did not start. */
export function backupAlarms({ stage }: Settings): AlarmRows {
  const jobs = (result: string, label: string) =>
    new Metric({
      namespace: 'AWS/Backup',
      metricName: `NumberOfBackupJobs${result}`,
      dimensionsMap: { BackupVaultName: backupVaultName(stage) },
      statistic: 'Sum',
      period: HOUR,
      label,
    });
  const failed = jobs('Failed', 'failed');
  const aborted = jobs('Aborted', 'not started');
  return {
    Backup: {
      'Backup jobs per hour': [
        jobs('Completed', 'completed'),
        warning('Backup/JobFailed', 'A backup job failed.', failed),
        warning('Backup/JobAborted', 'A backup job was due and did not start.', aborted),
      ],
    },
  };
}
