import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import { backupVaultName } from '../../data/backup.ts';
import type { PipelineFunction } from '../../pipeline/function.ts';
import type { StepQueue } from '../../pipeline/step-queue.ts';
import type { Settings } from '../../settings/read-settings.ts';
import type { AlarmRows } from '../operator-dashboard.ts';
import { above, critical, LASTING_PERIODS, type Severity, silentFor, warning } from './alarm.ts';

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
  /** First part of the headings: `Collect`, `Parse`, `Load` or `Notify`. */
  readonly stem: string;
  readonly queue: StepQueue;
  /** Name of the messages, in the plural. */
  readonly content: string;
  readonly maxAgeMinutes: number;
  readonly maxDepth: number;
  /** Severity if messages wait too long or cannot be processed. @default 'critical': their rows do not arrive */
  readonly severity?: Severity;
}

/** Alarms of the queue in front of a step: age, depth, no progress, and dead letters. */
export function queueAlarms(props: QueueAlarmsProps): AlarmRows {
  const { stem, content, maxAgeMinutes, maxDepth, severity = 'critical' } = props;
  const raise = severity === 'critical' ? critical : warning;
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
      'Age of the oldest message, seconds': raise(
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
      'Hours without progress': raise(
        `${stem}/Stalled`,
        `No message has left the queue of ${content} for ${stalledHours} hours, despite retries.`,
        stalled,
        above(0, stalledHours),
      ),
      'Dead letters': raise(
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

/** Hours in which each resource has a completed backup: a day, the start window of 8 hours, and the job itself. */
const BACKUP_SILENT_HOURS = 34;

/**
 * Alarms of jobs that failed or did not start, and of resources without backups, such as those of a service that the
 * account has opted out of. All metrics have these dimensions (CloudWatch user guide, "AWS/Backup").
 */
export function backupAlarms({ stage }: Settings): AlarmRows {
  const jobs = (result: string, label: string, resourceType?: string) =>
    new Metric({
      namespace: 'AWS/Backup',
      metricName: `NumberOf${result}`,
      dimensionsMap: {
        BackupVaultName: backupVaultName(stage),
        ...(resourceType && { ResourceType: resourceType }),
      },
      statistic: 'Sum',
      period: HOUR,
      label,
    });
  const failed = new MathExpression({
    expression: 'FILL(backups, 0) + FILL(copies, 0) + FILL(restores, 0)',
    usingMetrics: {
      backups: jobs('BackupJobsFailed', 'backups'),
      copies: jobs('CopyJobsFailed', 'copies'),
      restores: jobs('RestoreJobsFailed', 'restores'),
    },
    label: 'failed',
    period: HOUR,
  });
  // A job that does not start in its window expires; one that is stopped, or meets a maintenance window, is aborted.
  const notStarted = new MathExpression({
    expression: 'FILL(expired, 0) + FILL(aborted, 0)',
    usingMetrics: {
      expired: jobs('BackupJobsExpired', 'expired'),
      aborted: jobs('BackupJobsAborted', 'aborted'),
    },
    label: 'not started',
    period: HOUR,
  });
  const silent = (type: string, resource: string) =>
    warning(
      `Backup/${type}NotRun`,
      `No backup of the ${resource} has been completed for ${BACKUP_SILENT_HOURS} hours.`,
      jobs('BackupJobsCompleted', `${resource}: completed`, type),
      silentFor(BACKUP_SILENT_HOURS),
    );
  return {
    Backup: {
      'Completed backup jobs per hour': [silent('Aurora', 'database'), silent('S3', 'bucket')],
      'Other jobs per hour': [
        warning(
          'Backup/JobFailed',
          'A job of AWS Backup failed: a backup, a copy or a restore test.',
          failed,
        ),
        warning(
          'Backup/JobNotStarted',
          'A backup job was due and did not start, or was stopped.',
          notStarted,
        ),
      ],
    },
  };
}
