import { Construct } from 'constructs';
import { LOADER_VARIABLES } from '../../lambdas/load/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { PipelineFunction } from './function.ts';
import { StepQueue } from './step-queue.ts';

/** Enough for a few calls of the Data API, each of at most 45 s. */
const TIMEOUT_SECONDS = 180;
/** Messages of up to 1 MiB: an invocation's payload has at most 6 MB (Lambda developer guide, "Lambda quotas"). */
const BATCH_SIZE = 4;

/** Row queue → loader → Data API → Aurora PostgreSQL. */
export class LoadStep extends Construct {
  readonly rows: StepQueue;
  readonly loader: PipelineFunction;

  /** @param notices receives the uploads that ended */
  constructor(scope: Construct, id: string, data: DataStack, notices: StepQueue) {
    super(scope, id);
    const { settings, key, database } = data;
    this.rows = new StepQueue(this, 'Rows', TIMEOUT_SECONDS, key);
    this.loader = new PipelineFunction(this, 'Function', {
      folder: 'load',
      description: 'Loads the batches of the row queue into the database.',
      memoryMiB: settings.loaderMemoryMiB,
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(LOADER_VARIABLES, {
        ...database.connection('loader'),
        rowQueueUrl: this.rows.queue.queueUrl,
        rowDeadLetterQueueUrl: this.rows.deadLetterQueue.queueUrl,
        noticeQueueUrl: notices.queue.queueUrl,
      }),
    });
    database.allowStatements(this.loader, 'loader');
    notices.allowSending(this.loader);
    this.rows.feed(this.loader, BATCH_SIZE, settings.loaderConcurrency);
  }
}
