import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { SWEEPER_VARIABLES } from '../../lambdas/sweep/environment.ts';
import type { Database } from '../data/database.ts';
import type { Settings } from '../settings/read-settings.ts';
import { PipelineFunction } from './function.ts';
import type { StepQueue } from './step-queue.ts';

const TIMEOUT_SECONDS = 300;

export interface SweepStepProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly database: Database;
  readonly uploadBucket: IBucket;
  readonly uploads: StepQueue;
}

/** Schedule → sweeper → upload queue: objects that are in the bucket and not in the ledger are parsed again. */
export class SweepStep extends Construct {
  readonly sweeper: PipelineFunction;

  constructor(
    scope: Construct,
    id: string,
    { settings, key, database, uploadBucket, uploads }: SweepStepProps,
  ) {
    super(scope, id);
    this.sweeper = new PipelineFunction(this, 'Function', {
      folder: 'sweep',
      description: 'Sends objects without an upload, and uploads without progress, to the parser again.',
      timeoutSeconds: TIMEOUT_SECONDS,
      settings,
      key,
      environment: writeEnvironment(SWEEPER_VARIABLES, {
        ...database.connection('sweeper'),
        bucketName: uploadBucket.bucketName,
        uploadQueueUrl: uploads.queue.queueUrl,
        sweepEveryMinutes: settings.sweepEveryMinutes,
        lostAfterSeconds: settings.lostAfterMinutes * 60,
        stuckAfterSeconds: settings.stuckAfterMinutes * 60,
      }),
    });
    database.allowStatements(this.sweeper, 'sweeper');
    this.sweeper.allow(['s3:ListBucketVersions'], [uploadBucket.bucketArn], {
      StringEquals: { 's3:prefix': INCOMING_PREFIX },
    });
    uploads.allowSending(this.sweeper);
    new Rule(this, 'Schedule', {
      schedule: Schedule.rate(Duration.minutes(settings.sweepEveryMinutes)),
      targets: [new LambdaFunction(this.sweeper)],
    });
  }
}
