import { Duration } from 'aws-cdk-lib';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PipelineFunction } from './function.ts';

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
}

/** The queue in front of a stage, and its dead-letter queue. */
export class StageQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: StageQueueProps) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
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

  /** Lets Lambda call the function with the queue's messages, and the function send back or set aside each of them. */
  feed(reader: PipelineFunction, batchSize: number, maxConcurrency: number): EventSourceMapping {
    reader.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'],
      [this.queue.queueArn],
    );
    reader.allow(['sqs:SendMessage'], [this.deadLetterQueue.queueArn]);
    return reader.addEventSourceMapping('Messages', {
      eventSourceArn: this.queue.queueArn,
      batchSize,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
  }
}
