import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { LOADER_VARIABLES } from '../../lambdas/load/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { Database } from '../data/database.ts';
import type { Settings } from '../settings/read-settings.ts';
import { PipelineFunction } from './function.ts';
import { StageQueue } from './step-queue.ts';

/** Room for a few calls of the Data API, each of at most 45 s. */
const TIMEOUT_SECONDS = 180;
/** At most 1 MiB each, and Lambda takes 6 MB an invocation. */
const BATCH_SIZE = 4;

export interface LoadStageProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly database: Database;
}

/** Row queue → consumer → Data API → Aurora PostgreSQL. */
export class LoadStage extends Construct {
  readonly rows: StageQueue;
  readonly consumer: PipelineFunction;

  constructor(scope: Construct, id: string, { settings, key, database }: LoadStageProps) {
    super(scope, id);
    this.rows = new StageQueue(this, 'Rows', { timeoutSeconds: TIMEOUT_SECONDS, key });
    this.consumer = new PipelineFunction(this, 'Consumer', {
      folder: 'load',
      description: 'Loads the batches of the row queue into the database.',
      memoryMiB: settings.consumerMemoryMiB,
      timeoutSeconds: TIMEOUT_SECONDS,
      settings,
      key,
      environment: writeEnvironment(LOADER_VARIABLES, {
        ...database.connection('loader'),
        rowQueueUrl: this.rows.queue.queueUrl,
        rowDeadLetterQueueUrl: this.rows.deadLetterQueue.queueUrl,
      }),
    });
    database.allowStatements(this.consumer, 'loader');
    this.rows.feed(this.consumer, BATCH_SIZE, settings.consumerConcurrency);
  }
}
