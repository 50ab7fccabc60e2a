import { Duration } from 'aws-cdk-lib';
import { Dashboard, type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRICS } from '../../lambdas/shared/metrics.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { PipelineStack } from '../pipeline/pipeline-stack.ts';
import { writtenMetric } from './alarms/pipeline-alarms.ts';
import { createRow } from './operator-dashboard.ts';

const DAY = Duration.days(1);
/** Amazon SQS pricing: every 64 KiB of a payload are one request. */
const BYTES_PER_SQS_REQUEST = 65_536;
const MIB_PER_GIB = 1_024;

/** Usage of everything that AWS bills by use, with one point per day. */
export class ConsumptionDashboard extends Dashboard {
  constructor(scope: Construct, id: string, data: DataStack, pipeline: PipelineStack) {
    const { settings } = data;
    const { bucketName } = data.uploadBucket;
    const { cluster } = data.database;
    const { functions, parse, load } = pipeline;
    super(scope, id, {
      dashboardName: `retail-${settings.stage}-consumption`,
      defaultInterval: Duration.days(28),
    });
    this.#addRow('Lambda', {
      'GB-seconds per day': functions.map(gigabyteSeconds),
      'Requests per day': functions.map((fn) => fn.metricInvocations({ period: DAY, label: fn.folder })),
    });
    const storedBytes = `{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="${bucketName}"`;
    this.#addRow('S3', {
      // One line for each storage class in use.
      'Bytes by storage class': [calculate(`SEARCH('${storedBytes}', 'Average', ${DAY.toSeconds()})`, '')],
      Objects: [
        new Metric({
          namespace: 'AWS/S3',
          metricName: 'NumberOfObjects',
          dimensionsMap: { BucketName: bucketName, StorageType: 'AllStorageTypes' },
          statistic: 'Average',
          period: DAY,
          label: 'objects and versions',
        }),
      ],
    });
    this.#addRow('SQS', {
      'Requests per day, at most': Object.entries({ uploads: parse.uploads, batches: load.rows }).flatMap(
        ([name, { queue, deadLetterQueue }]) => [
          queueRequests(queue, name, name),
          queueRequests(deadLetterQueue, `${name}Dead`, `${name}: dead letters`),
        ],
      ),
    });
    const billed = (name: string, label: string, statistic: string) =>
      cluster.metric(name, { period: DAY, label, statistic });
    this.#addRow('Database', {
      // RDS reports the capacity once a minute, and not at all for minutes that it does not bill.
      'ACU-hours per day': [
        calculate('capacity / 60', 'ACU-hours', {
          capacity: cluster.metric('ServerlessDatabaseCapacity', { statistic: 'Sum', period: DAY }),
        }),
      ],
      'Reads and writes of the storage per day': [
        billed('VolumeReadIOPs', 'reads', 'Sum'),
        billed('VolumeWriteIOPs', 'writes', 'Sum'),
      ],
      'Bytes of the database and of its backups': [
        billed('VolumeBytesUsed', 'database', 'Maximum'),
        billed('TotalBackupStorageBilled', 'backups', 'Maximum'),
      ],
      'Calls of the Data API that loaded a batch, per day': [
        writtenMetric(settings, 'load', METRICS.load.rowsInserted, {
          statistic: 'SampleCount',
          period: DAY,
          label: 'calls',
        }),
      ],
    });
    this.#addRow('CloudWatch Logs', { 'Bytes per day': functions.map(logBytes) });
  }

  #addRow(title: string, graphs: Readonly<Record<string, IMetric[]>>): void {
    const entries = Object.entries(graphs).map(([graph, left]) => [graph, { stacked: true, left }]);
    this.addWidgets(...createRow(title, Object.fromEntries(entries)));
  }
}

/** Lambda bills the memory of a function for its duration. */
function gigabyteSeconds(fn: PipelineFunction): MathExpression {
  // The id is unique within the graph, which has a line for each function.
  const id = `${fn.folder}Milliseconds`;
  return calculate(`${id} / 1000 * ${fn.memoryMiB / MIB_PER_GIB}`, fn.folder, {
    [id]: fn.metricDuration({ statistic: 'Sum', period: DAY }),
  });
}

function logBytes(fn: PipelineFunction): Metric {
  return new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: fn.logGroup.logGroupName },
    statistic: 'Sum',
    period: DAY,
    label: fn.folder,
  });
}

/**
 * The maximum of requests that SQS bills: each message sent, received and deleted individually, and one more request
 * for each 64 KiB sent and received.
 * @param id the queue's id in its graph, in lower case
 */
function queueRequests(queue: Queue, id: string, label: string): MathExpression {
  const expression = `${id}Empty + ${id}Sent + ${id}Received + ${id}Deleted + 2 * FILL(${id}Bytes, 0) / ${BYTES_PER_SQS_REQUEST}`;
  return calculate(expression, label, {
    [`${id}Empty`]: queue.metricNumberOfEmptyReceives({ period: DAY }),
    [`${id}Sent`]: queue.metricNumberOfMessagesSent({ period: DAY }),
    [`${id}Received`]: queue.metricNumberOfMessagesReceived({ period: DAY }),
    [`${id}Deleted`]: queue.metricNumberOfMessagesDeleted({ period: DAY }),
    [`${id}Bytes`]: queue.metricSentMessageSize({ statistic: 'Sum', period: DAY }),
  });
}

function calculate(expression: string, label: string, usingMetrics: Record<string, IMetric> = {}) {
  return new MathExpression({ expression, label, usingMetrics, period: DAY });
}
