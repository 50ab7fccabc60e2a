import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { backupVaultName } from '../data/backup-vault-name.ts';
import type { StageMonitoring } from './stage-monitoring.ts';
import { above } from './thresholds.ts';

/** Backups that failed, and backups that were due and did not begin. */
export function monitorBackup(monitoring: StageMonitoring): void {
  const jobs = (name: string, label: string) =>
    new Metric({
      namespace: 'AWS/Backup',
      metricName: name,
      dimensionsMap: { BackupVaultName: backupVaultName(monitoring.settings) },
      statistic: 'Sum',
      period: Duration.hours(1),
      label,
    });
  const failed = monitoring.watch(jobs('NumberOfBackupJobsFailed', 'failed'), {
    heading: 'Backup/JobFailed',
    severity: 'warning',
    meaning: 'A backup failed.',
    ...above(0),
  });
  const aborted = monitoring.watch(jobs('NumberOfBackupJobsAborted', 'not begun'), {
    heading: 'Backup/JobAborted',
    severity: 'warning',
    meaning: 'A backup was due and did not begin.',
    ...above(0),
  });
  const completed = jobs('NumberOfBackupJobsCompleted', 'completed');
  monitoring.monitorCustom({
    humanReadableName: 'Backup',
    alarmFriendlyName: 'Backup',
    metricGroups: [{ title: 'Backup jobs by the hour', metrics: [completed, failed, aborted] }],
  });
}
