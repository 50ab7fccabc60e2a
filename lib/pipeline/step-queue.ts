import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import {
  type BucketNotificationDestinationConfig,
  BucketNotificationDestinationType,
  type IBucketNotificationDestination,
  type IBucketRef,
} from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PipelineFunction } from './function.ts';

/** SQS asks KMS for another data key after that time: longer is cheaper. */
const DATA_KEY_REUSE = Duration.hours(1);
const LONGEST_RETENTION = Duration.days(14);
/** Six times the function's timeout (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const VISIBILITY_PER_TIMEOUT = 6;
/** Where the function cannot even send a message back, this alone spreads its receives over the retention. */
const LEAST_VISIBILITY_SECONDS = 1_800;
/** As high as SQS allows: with the growing delays of `core/retry-delay.ts`, retention ends before the count does. */
const MAX_RECEIVES = 1_000;

export interface StageQueueProps {
  /** Of the function that reads the queue. */
  readonly timeoutSeconds: number;
  /** Encrypts the messages. @default SQS's own */
  readonly key: IKey | undefined;
}

/** The queue in front of a stage, and its dead-letter queue. */
export class StageQueue extends Construct implements IBucketNotificationDestination {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  #key: IKey | undefined;

  constructor(scope: Construct, id: string, props: StageQueueProps) {
    super(scope, id);
    this.#key = props.key;
    const common = {
      ...(props.key === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: props.key, dataKeyReuse: DATA_KEY_REUSE }),
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetterQueue', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(
        Math.max(props.timeoutSeconds * VISIBILITY_PER_TIMEOUT, LEAST_VISIBILITY_SECONDS),
      ),
      maxMessageSizeBytes: 1_048_576,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
  }

  /** Lets S3 send the events of a bucket; the key's own policy lets it encrypt them. */
  bind(_scope: Construct, bucket: IBucketRef): BucketNotificationDestinationConfig {
    this.queue.addToResourcePolicy(
      new PolicyStatement({
        sid: 'SendEvents',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.queue.queueArn],
        conditions: {
          ArnEquals: { 'aws:SourceArn': bucket.bucketRef.bucketArn },
          StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
        },
      }),
    );
    const type = BucketNotificationDestinationType.QUEUE;
    return { arn: this.queue.queueArn, type, dependencies: [this.queue] };
  }

  /** Lets a function put messages into the queue. */
  allowSending(sender: PipelineFunction): void {
    sender.allow(['sqs:SendMessage'], [this.queue.queueArn]);
    sender.allowKey(this.#key, 'sqs', 'write');
  }

  /** Lets Lambda call the function with the queue's messages, and the function send back or set aside each of them. */
  feed(reader: PipelineFunction, batchSize: number, maxConcurrency: number): EventSourceMapping {
    reader.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [this.queue.queueArn],
    );
    reader.allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    reader.allowKey(this.#key, 'sqs', 'write');
    return reader.addEventSourceMapping('Messages', {
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
