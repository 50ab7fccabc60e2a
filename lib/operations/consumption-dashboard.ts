import { Duration } from 'aws-cdk-lib';
import { Dashboard, type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRICS } from '../../lambdas/shared/metrics.ts';
import type { ApiStep } from '../api/api-step.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { PipelineFunction } from '../pipeline/function.ts';
import type { PipelineStack } from '../pipeline/pipeline-stack.ts';
import { writtenMetric } from './alarms/pipeline-alarms.ts';
import { createRows, type Rows } from './operator-dashboard.ts';

const DAY = Duration.days(1);
/** Amazon SQS pricing: every 64 KiB of a payload are one request. */
const BYTES_PER_SQS_REQUEST = 65_536;
const MIB_PER_GIB = 1_024;

/** Usage of everything that AWS bills by use, with one point per day. */
export class ConsumptionDashboard extends Dashboard {
  constructor(scope: Construct, id: string, data: DataStack, pipeline: PipelineStack) {
    super(scope, id, {
      dashboardName: `retail-${data.settings.stage}-consumption`,
      defaultInterval: Duration.days(28),
      widgets: createRows(consumptionRows(data, pipeline), (_, left) => ({ stacked: true, left: [...left] })),
    });
  }
}

function consumptionRows(
  data: DataStack,
  { functions, parse, load, notify, api }: PipelineStack,
): Rows<IMetric> {
  const { cluster } = data.database;
  const BucketName = data.uploadBucket.bucketName;
  const storedBytes = `{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="${BucketName}"`;
  const billed = (name: string, label: string, statistic: string) =>
    cluster.metric(name, { period: DAY, label, statistic });
  return {
    ...(api && { 'API Gateway': apiGraphs(api) }),
    Lambda: {
      'GB-seconds per day': functions.map(gigabyteSeconds),
      'Requests per day': functions.map((fn) => fn.metricInvocations({ period: DAY, label: fn.folder })),
    },
    S3: {
      // One line for each storage class in use.
      'Bytes by storage class': calculate(`SEARCH('${storedBytes}', 'Average', ${DAY.toSeconds()})`, ''),
      Objects: new Metric({
        namespace: 'AWS/S3',
        metricName: 'NumberOfObjects',
        dimensionsMap: { BucketName, StorageType: 'AllStorageTypes' },
        statistic: 'Average',
        period: DAY,
        label: 'objects and versions',
      }),
    },
    SQS: {
      'Requests per day, at most': [
        queueRequests(parse.uploads.queue, 'uploads', 'uploads'),
        queueRequests(parse.uploads.deadLetterQueue, 'uploadsDead', 'uploads: dead letters'),
        queueRequests(load.rows.queue, 'batches', 'batches'),
        queueRequests(load.rows.deadLetterQueue, 'batchesDead', 'batches: dead letters'),
        queueRequests(notify.notices.queue, 'notices', 'notices'),
        queueRequests(notify.notices.deadLetterQueue, 'noticesDead', 'notices: dead letters'),
        ...(api
          ? [
              queueRequests(api.collect.calls.queue, 'calls', 'calls'),
              queueRequests(api.collect.calls.deadLetterQueue, 'callsDead', 'calls: dead letters'),
            ]
          : []),
      ],
    },
    Database: {
      // RDS reports the capacity once a minute, and not at all for minutes that it does not bill.
      'ACU-hours per day': calculate('capacity / 60', 'ACU-hours', {
        capacity: cluster.metric('ServerlessDatabaseCapacity', { statistic: 'Sum', period: DAY }),
      }),
      'Reads and writes of the storage per day': [
        billed('VolumeReadIOPs', 'reads', 'Sum'),
        billed('VolumeWriteIOPs', 'writes', 'Sum'),
      ],
      'Bytes of the database and of its backups': [
        billed('VolumeBytesUsed', 'database', 'Maximum'),
        billed('TotalBackupStorageBilled', 'backups', 'Maximum'),
      ],
      'Calls of the Data API that loaded a batch, per day': writtenMetric(
        data.settings,
        'load',
        METRICS.load.rowsInserted,
        { statistic: 'SampleCount', period: DAY, label: 'calls' },
      ),
    },
    'CloudWatch Logs': { 'Bytes per day': functions.map(logBytes) },
  };
}

/** API Gateway bills connection minutes too, and has no metric of them. */
function apiGraphs({ http, people, webSocket }: ApiStep): Rows<IMetric>[string] {
  const socket = (name: string, label: string) =>
    webSocket.api.metric(name, { statistic: 'Sum', period: DAY, label });
  const bytes = { statistic: 'Sum', period: DAY } as const;
  return {
    'HTTP requests per day': [
      http.api.metricCount({ period: DAY, label: 'requests' }),
      ...(people ? [people.api.metricCount({ period: DAY, label: 'requests of people' })] : []),
    ],
    'WebSocket messages per day': [socket('ConnectCount', 'connections'), socket('MessageCount', 'messages')],
    'Bytes of HTTP requests and answers per day': [
      http.api.metricDataProcessed({ ...bytes, label: 'bytes' }),
      ...(people ? [people.api.metricDataProcessed({ ...bytes, label: 'bytes of people' })] : []),
    ],
  };
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
