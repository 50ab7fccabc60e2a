import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { StageMonitoring } from './stage-monitoring.ts';
import { above } from './thresholds.ts';

/** Periods of five minutes: capacity follows the load within seconds, and short peaks are what it is for. */
const LASTING_PERIODS = 3;

/** Capacity and connections. Reading these metrics asks CloudWatch alone: a paused database stays paused. */
export function monitorDatabase(monitoring: StageMonitoring, cluster: DatabaseCluster): void {
  const { alarmAcuPercent, alarmConnections, databaseMaxAcu } = monitoring.settings;
  const average = (name: string, label: string) => cluster.metric(name, { statistic: 'Average', label });
  const capacity = monitoring.watch(average('ACUUtilization', 'percent'), {
    heading: 'Database/CapacityNearLimit',
    severity: 'warning',
    meaning: `The database uses more than ${alarmAcuPercent} % of its ${databaseMaxAcu} ACU, for 15 minutes by now.`,
    ...above(alarmAcuPercent, LASTING_PERIODS),
  });
  const connections = monitoring.watch(
    cluster.metricDatabaseConnections({ statistic: 'Maximum', label: 'connections' }),
    {
      heading: 'Database/Connections',
      severity: 'warning',
      meaning: `The database has more than ${alarmConnections} connections, for 15 minutes by now.`,
      ...above(alarmConnections, LASTING_PERIODS),
    },
  );
  monitoring.monitorCustom({
    humanReadableName: 'Database',
    alarmFriendlyName: 'Database',
    metricGroups: [
      { title: `Capacity, percent of ${databaseMaxAcu} ACU`, metrics: [capacity] },
      { title: 'Connections', metrics: [connections] },
      { title: 'Latency of a commit, milliseconds', metrics: [average('CommitLatency', 'commit')] },
      {
        title: 'Latency of the storage, seconds',
        metrics: [average('ReadLatency', 'read'), average('WriteLatency', 'write')],
      },
    ],
  });
}
