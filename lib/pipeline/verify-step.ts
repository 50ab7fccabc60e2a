import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RECEIPTS_PREFIX } from '../../lambdas/core/upload-key.ts';
import { buildCheckKey } from '../../lambdas/shared/check-results.ts';
import { DEADLINES_FILE, type DeadlinesDocument } from '../../lambdas/shared/deadlines-file.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { VERIFIER_VARIABLES } from '../../lambdas/verify/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { addFile, PipelineFunction } from './function.ts';

const TIMEOUT_SECONDS = 600;

/** Schedule → verifier: checks the ledger against the table and the receipts, and reports differences as a metric. */
export class VerifyStep extends Construct {
  readonly verifier: PipelineFunction;

  constructor(scope: Construct, id: string, data: DataStack, parserRevision: string) {
    super(scope, id);
    const { settings, database, uploadBucket } = data;
    this.verifier = new PipelineFunction(this, 'Function', {
      folder: 'verify',
      description: 'Checks that the ledger accounts for every row of the newest uploads.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(VERIFIER_VARIABLES, {
        ...database.connection('operator'),
        bucketName: uploadBucket.bucketName,
        stuckAfterSeconds: settings.stuckAfterMinutes * 60,
        verifyDays: settings.verifyDays,
        verifyEveryHours: settings.verifyEveryHours,
        parserRevision,
      }),
      bundlingHooks: addFile(DEADLINES_FILE, {
        stores: settings.stores,
        deadlines: settings.deadlines,
      } satisfies DeadlinesDocument),
    });
    database.allowStatements(this.verifier, 'operator');
    this.verifier.allow(['s3:ListBucket'], [uploadBucket.bucketArn], {
      StringEquals: { 's3:prefix': RECEIPTS_PREFIX },
    });
    this.verifier.allow(['s3:GetObject'], [uploadBucket.arnForObjects(`${RECEIPTS_PREFIX}*`)]);
    this.verifier.allow(['s3:PutObject'], [uploadBucket.arnForObjects(buildCheckKey('verify'))]);
    this.verifier.allowKey('s3', 'write');
    this.verifier.invokeEvery(Duration.hours(settings.verifyEveryHours));
  }
}
