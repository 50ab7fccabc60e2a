import { Duration } from 'aws-cdk-lib';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import {
  DefaultDashboardFactory,
  GraphWidgetType,
  type MetricWithAlarmSupport,
  MonitoringFacade,
} from 'cdk-monitoring-constructs';
import type { Construct } from 'constructs';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { StageQueue } from '../pipeline/step-queue.ts';
import type { Settings } from '../settings/read-settings.ts';
import {
  acuHours,
  DAY,
  gigabyteSeconds,
  logBytes,
  queueRequests,
  storedBytes,
  storedObjects,
} from './consumption-metrics.ts';
import { pipelineMetric } from './pipeline-metric.ts';

export interface ConsumptionDashboardProps {
  readonly settings: Settings;
  readonly functions: readonly PipelineFunction[];
  readonly consumer: PipelineFunction;
  /** By what they hold, in small letters. */
  readonly queues: Readonly<Record<string, StageQueue>>;
  readonly bucket: IBucket;
  readonly cluster: DatabaseCluster;
}

/** What a stage uses of all that AWS bills by use, a point for each day. */
export class ConsumptionDashboard extends MonitoringFacade {
  constructor(scope: Construct, id: string, props: ConsumptionDashboardProps) {
    const { settings, functions, consumer, queues, bucket, cluster } = props;
    super(scope, id, {
      dashboardFactory: new DefaultDashboardFactory(scope, `${id}Dashboards`, {
        dashboardNamePrefix: `retail-${settings.stage}-consumption`,
        detailDashboardRange: Duration.days(28),
      }),
    });
    this.#show('Lambda', {
      'GB-seconds by the day': functions.map(gigabyteSeconds),
      'Requests by the day': functions.map((fn) => fn.metricInvocations({ period: DAY, label: fn.folder })),
    });
    this.#show('S3', { 'Bytes by storage class': [storedBytes(bucket)], Objects: [storedObjects(bucket)] });
    this.#show('SQS', {
      'Requests by the day, at the most': Object.entries(queues).flatMap(
        ([name, { queue, deadLetterQueue }]) => [
          queueRequests(queue, name, name),
          queueRequests(deadLetterQueue, `${name}Dead`, `${name}: dead letters`),
        ],
      ),
    });
    const billed = (name: string, label: string, statistic: string) =>
      cluster.metric(name, { period: DAY, label, statistic });
    const calls = { name: 'RowsInserted', statistic: 'SampleCount', period: DAY };
    this.#show('Database', {
      'ACU-hours by the day': [acuHours(cluster)],
      'Reads and writes of the storage by the day': [
        billed('VolumeReadIOPs', 'reads', 'Sum'),
        billed('VolumeWriteIOPs', 'writes', 'Sum'),
      ],
      'Bytes of the database and of its backups': [
        billed('VolumeBytesUsed', 'database', 'Maximum'),
        billed('TotalBackupStorageBilled', 'backups', 'Maximum'),
      ],
      'Calls of the Data API that loaded a batch, by the day': [
        pipelineMetric(settings, consumer, calls).with({ label: 'calls' }),
      ],
    });
    this.#show('CloudWatch Logs', { 'Bytes by the day': functions.map(logBytes) });
  }

  #show(title: string, graphs: Readonly<Record<string, MetricWithAlarmSupport[]>>): void {
    this.monitorCustom({
      humanReadableName: title,
      alarmFriendlyName: title,
      metricGroups: Object.entries(graphs).map(([graph, metrics]) => {
        return { title: graph, metrics, graphWidgetType: GraphWidgetType.STACKED_AREA };
      }),
    });
  }
}
