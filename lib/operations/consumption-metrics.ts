import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { DatabaseCluster } from 'aws-cdk-lib/aws-rds';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { PipelineFunction } from '../pipeline/function.ts';

export const DAY = Duration.days(1);
/** Amazon SQS pricing: every 64 KiB of a payload are a request. */
const BYTES_PER_SQS_REQUEST = 65_536;
const MIB_PER_GIB = 1_024;

/** What Lambda bills: the memory a function has, for as long as it runs. */
export function gigabyteSeconds(fn: PipelineFunction): MathExpression {
  // Ids are of the whole graph, where every function has a line.
  const id = `${fn.folder}Milliseconds`;
  return new MathExpression({
    expression: `${id} / 1000 * ${fn.memoryMiB / MIB_PER_GIB}`,
    usingMetrics: { [id]: fn.metricDuration({ statistic: 'Sum', period: DAY }) },
    label: fn.folder,
    period: DAY,
  });
}

/**
 * Requests that SQS bills, at the most: each message sent, received and deleted by itself, and a request more for each
 * 64 KiB that is sent and received.
 * @param id of the queue in its graph, in small letters
 */
export function queueRequests(queue: Queue, id: string, label: string): MathExpression {
  return new MathExpression({
    expression: `${id}Empty + ${id}Sent + ${id}Received + ${id}Deleted + 2 * FILL(${id}Bytes, 0) / ${BYTES_PER_SQS_REQUEST}`,
    usingMetrics: {
      [`${id}Empty`]: queue.metricNumberOfEmptyReceives({ period: DAY }),
      [`${id}Sent`]: queue.metricNumberOfMessagesSent({ period: DAY }),
      [`${id}Received`]: queue.metricNumberOfMessagesReceived({ period: DAY }),
      [`${id}Deleted`]: queue.metricNumberOfMessagesDeleted({ period: DAY }),
      [`${id}Bytes`]: queue.metricSentMessageSize({ statistic: 'Sum', period: DAY }),
    },
    label,
    period: DAY,
  });
}

/** Bytes of a bucket, one line for each storage class that it has. */
export function storedBytes(bucket: IBucket): MathExpression {
  const found = `{AWS/S3,BucketName,StorageType} MetricName="BucketSizeBytes" BucketName="${bucket.bucketName}"`;
  return new MathExpression({
    expression: `SEARCH('${found}', 'Average', ${DAY.toSeconds()})`,
    usingMetrics: {},
    label: '',
    period: DAY,
  });
}

/** Objects of a bucket, their versions counted each. */
export function storedObjects(bucket: IBucket): Metric {
  return new Metric({
    namespace: 'AWS/S3',
    metricName: 'NumberOfObjects',
    dimensionsMap: { BucketName: bucket.bucketName, StorageType: 'AllStorageTypes' },
    statistic: 'Average',
    period: DAY,
    label: 'objects and versions',
  });
}

/** The capacity is reported once a minute, and not at all for minutes that nobody pays. */
export function acuHours(cluster: DatabaseCluster): MathExpression {
  return new MathExpression({
    expression: 'capacity / 60',
    usingMetrics: {
      capacity: cluster.metric('ServerlessDatabaseCapacity', { statistic: 'Sum', period: DAY }),
    },
    label: 'ACU-hours',
    period: DAY,
  });
}

/** Bytes that a function wrote into its log. */
export function logBytes(fn: PipelineFunction): Metric {
  return new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: fn.logGroup.logGroupName },
    statistic: 'Sum',
    period: DAY,
    label: fn.folder,
  });
}
