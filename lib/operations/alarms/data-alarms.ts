import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import { backupVaultName } from '../../data/backup-vault.ts';
import type { Settings } from '../../settings/read-settings.ts';
import { type AlarmSection, above, LASTING_PERIODS } from './alarm.ts';

/** Alarms of capacity and connections. CloudWatch answers for these metrics: a paused database stays paused. */
export function databaseAlarms(cluster: DatabaseCluster, settings: Settings): AlarmSection {
  const { alarmAcuPercent, alarmConnections, databaseMaxAcu } = settings;
  const average = (name: string, label: string) => cluster.metric(name, { statistic: 'Average', label });
  return {
    title: 'Database',
    graphs: {
      [`Capacity, percent of ${databaseMaxAcu} ACU`]: [
        {
          heading: 'Database/CapacityNearLimit',
          meaning: `The database has used more than ${alarmAcuPercent} % of its ${databaseMaxAcu} ACU for 15 minutes.`,
          metric: average('ACUUtilization', 'percent'),
          ...above(alarmAcuPercent, LASTING_PERIODS),
        },
      ],
      Connections: [
        {
          heading: 'Database/Connections',
          meaning: `The database has had more than ${alarmConnections} connections for 15 minutes.`,
          metric: cluster.metricDatabaseConnections({ statistic: 'Maximum', label: 'connections' }),
          ...above(alarmConnections, LASTING_PERIODS),
        },
      ],
      'Commit latency, milliseconds': [average('CommitLatency', 'commit')],
      'Storage latency, seconds': [average('ReadLatency', 'read'), average('WriteLatency', 'write')],
    },
  };
}

/** Alarms of backup jobs that failed or did not start. */
export function backupAlarms({ stage }: Settings): AlarmSection {
  const jobs = (metricName: string, label: string) =>
    new Metric({
      namespace: 'AWS/Backup',
      metricName,
      dimensionsMap: { BackupVaultName: backupVaultName(stage) },
      statistic: 'Sum',
      period: Duration.hours(1),
      label,
    });
  return {
    title: 'Backup',
    graphs: {
      'Backup jobs per hour': [
        jobs('NumberOfBackupJobsCompleted', 'completed'),
        {
          heading: 'Backup/JobFailed',
          meaning: 'A backup job failed.',
          metric: jobs('NumberOfBackupJobsFailed', 'failed'),
          ...above(0),
        },
        {
          heading: 'Backup/JobAborted',
          meaning: 'A backup job was due and did not start.',
          metric: jobs('NumberOfBackupJobsAborted', 'not started'),
          ...above(0),
        },
      ],
    },
  };
}
