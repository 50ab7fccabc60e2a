import { Duration, Stack } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allowService } from '../access/statements.ts';
import type { PipelineFunction } from './function.ts';

/** Time after which SQS asks KMS for another data key. A longer time is cheaper. */
const DATA_KEY_REUSE = Duration.hours(1);
/** SQS keeps no message longer (SQS developer guide, "Message quotas"). */
const MAX_RETENTION = Duration.days(14);
/** The recommended ratio of visibility timeout to function timeout (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const VISIBILITY_PER_TIMEOUT = 6;
/** Spreads the receives of a message over the retention period when a function cannot even return the message. */
const MIN_VISIBILITY_SECONDS = 1_800;
/** The maximum of SQS. With the growing delays between retries, the retention period ends first. */
const MAX_RECEIVES = 1_000;

/** The queue in front of a step, and its dead-letter queue. */
export class StepQueue extends Construct implements s3.IBucketNotificationDestination {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  /** @param key encrypts the messages; by default the key of SQS does */
  constructor(scope: Construct, id: string, readerTimeoutSeconds: number, key: IKey | undefined) {
    super(scope, id);
    const common = {
      ...(key === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: key, dataKeyReuse: DATA_KEY_REUSE }),
      enforceSSL: true,
      retentionPeriod: MAX_RETENTION,
      // A dead-letter queue must hold what its queue holds.
      maxMessageSizeBytes: 1_048_576,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetterQueue', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(
        Math.max(readerTimeoutSeconds * VISIBILITY_PER_TIMEOUT, MIN_VISIBILITY_SECONDS),
      ),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
  }

  /** Lets S3 send the events of a bucket. The policy of the key lets S3 encrypt them. */
  bind(_scope: Construct, bucket: s3.IBucketRef): s3.BucketNotificationDestinationConfig {
    this.queue.addToResourcePolicy(
      allowService('s3', 'SendEvents', ['sqs:SendMessage'], this.queue.queueArn, {
        ArnEquals: { 'aws:SourceArn': bucket.bucketRef.bucketArn },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      }),
    );
    const type = s3.BucketNotificationDestinationType.QUEUE;
    return { arn: this.queue.queueArn, type, dependencies: [this.queue] };
  }

  allowSending(sender: PipelineFunction): void {
    sender.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    sender.allowKey('sqs', 'write');
  }

  /**
   * Lets Lambda call the function with the queue's messages, and lets the function return or dead-letter each of them.
   * @param windowSeconds time for which Lambda collects messages for a call
   */
  feed(reader: PipelineFunction, batchSize: number, maxConcurrency: number, windowSeconds = 0): void {
    reader.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [this.queue.queueArn],
    );
    reader.allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    reader.allowKey('sqs', 'write');
    reader.addEventSourceMapping('Messages', {
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      ...(windowSeconds > 0 && { maxBatchingWindow: Duration.seconds(windowSeconds) }),
      reportBatchItemFailures: true,
    });
  }
}
