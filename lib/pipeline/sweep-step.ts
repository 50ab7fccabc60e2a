import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { buildCheckKey } from '../../lambdas/shared/check-results.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { SWEEPER_VARIABLES } from '../../lambdas/sweep/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { PipelineFunction } from './function.ts';
import type { StepQueue } from './step-queue.ts';

const TIMEOUT_SECONDS = 300;

/**
 * Schedule → sweeper → upload queue: objects that are in the bucket and not in the ledger are parsed again; → queue of
 * notices: unsent notices are sent.
 */
export class SweepStep extends Construct {
  readonly sweeper: PipelineFunction;

  constructor(scope: Construct, id: string, data: DataStack, uploads: StepQueue, notices: StepQueue) {
    super(scope, id);
    const { settings, database, uploadBucket } = data;
    this.sweeper = new PipelineFunction(this, 'Function', {
      folder: 'sweep',
      description: 'Sends objects without an upload, uploads without progress, and unsent notices again.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(SWEEPER_VARIABLES, {
        ...database.connection('sweeper'),
        bucketName: uploadBucket.bucketName,
        uploadQueueUrl: uploads.queue.queueUrl,
        noticeQueueUrl: notices.queue.queueUrl,
        sweepEveryMinutes: settings.sweepEveryMinutes,
        lostAfterSeconds: settings.lostAfterMinutes * 60,
        stuckAfterSeconds: settings.stuckAfterMinutes * 60,
      }),
    });
    database.allowStatements(this.sweeper, 'sweeper');
    this.sweeper.allow(['s3:ListBucketVersions'], [uploadBucket.bucketArn], {
      StringEquals: { 's3:prefix': INCOMING_PREFIX },
    });
    this.sweeper.allow(['s3:PutObject'], [uploadBucket.arnForObjects(buildCheckKey('sweep'))]);
    this.sweeper.allowKey('s3', 'create');
    uploads.allowSending(this.sweeper);
    notices.allowSending(this.sweeper);
    this.sweeper.invokeEvery(Duration.minutes(settings.sweepEveryMinutes));
  }
}
