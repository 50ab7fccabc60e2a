import { Construct } from 'constructs';
import { COLLECTOR_VARIABLES } from '../../lambdas/collect/environment.ts';
import { INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { PipelineFunction } from '../pipeline/function.ts';
import { StepQueue } from '../pipeline/step-queue.ts';

const TIMEOUT_SECONDS = 60;
/** Messages of up to 1 MiB: Lambda ends a batch at 6 MB (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const BATCH_SIZE = 1_000;
/** The maximum without a window (API reference, CreateEventSourceMapping, `BatchSize`). */
const BATCH_SIZE_WITHOUT_WINDOW = 10;
/** The minimum of Lambda. Few invocations at a time make few objects. */
const CONCURRENCY = 2;

/** Call queue → collector → S3 incoming/: the calls of a few seconds become one object of each store. */
export class CollectStep extends Construct {
  readonly calls: StepQueue;

  constructor(scope: Construct, id: string, data: DataStack) {
    super(scope, id);
    const { settings, key, uploadBucket } = data;
    this.calls = new StepQueue(this, 'Calls', TIMEOUT_SECONDS, key);
    const collector = new PipelineFunction(this, 'Function', {
      folder: 'collect',
      description: 'Writes the transactions of the call queue to objects in the bucket.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(COLLECTOR_VARIABLES, {
        bucketName: uploadBucket.bucketName,
        callQueueUrl: this.calls.queue.queueUrl,
        callDeadLetterQueueUrl: this.calls.deadLetterQueue.queueUrl,
      }),
    });
    collector.allow(['s3:PutObject'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}store=*/api/*`)]);
    collector.allowKey('s3', 'create');
    const window = settings.apiCollectSeconds;
    this.calls.feed(collector, window === 0 ? BATCH_SIZE_WITHOUT_WINDOW : BATCH_SIZE, CONCURRENCY, window);
  }
}
