import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { VERIFIER_VARIABLES } from '../../lambdas/verify/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { PipelineFunction } from './function.ts';

const TIMEOUT_SECONDS = 600;

/** Schedule → verifier: checks the ledger against the table and reports differences as a metric. */
export class VerifyStep extends Construct {
  readonly verifier: PipelineFunction;

  constructor(scope: Construct, id: string, data: DataStack, parserRevision: string) {
    super(scope, id);
    const { settings, database } = data;
    this.verifier = new PipelineFunction(this, 'Function', {
      folder: 'verify',
      description: 'Checks that the ledger accounts for every row of the newest uploads.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(VERIFIER_VARIABLES, {
        ...database.connection('operator'),
        stuckAfterSeconds: settings.stuckAfterMinutes * 60,
        verifyDays: settings.verifyDays,
        parserRevision,
      }),
    });
    database.allowStatements(this.verifier, 'operator');
    this.verifier.invokeEvery(Duration.hours(settings.verifyEveryHours));
  }
}
