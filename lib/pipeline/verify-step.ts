import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { VERIFIER_ENVIRONMENT } from '../../lambdas/shared/environment.ts';
import type { Database } from '../data/database.ts';
import type { Settings } from '../settings/read-settings.ts';
import { PipelineFunction } from './function.ts';

const TIMEOUT_SECONDS = 600;

export interface VerifyStageProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly database: Database;
}

/** Every day: the ledger is checked against the table, and what differs becomes a metric. */
export class VerifyStage extends Construct {
  readonly verifier: PipelineFunction;

  constructor(scope: Construct, id: string, { settings, key, database }: VerifyStageProps) {
    super(scope, id);
    this.verifier = new PipelineFunction(this, 'Verifier', {
      folder: 'verify',
      description: 'Checks that the ledger accounts for every row of the newest uploads.',
      memoryMiB: 512,
      timeoutSeconds: TIMEOUT_SECONDS,
      settings,
      key,
      environment: {
        [VERIFIER_ENVIRONMENT.clusterArn]: database.cluster.clusterArn,
        [VERIFIER_ENVIRONMENT.databaseName]: database.databaseName,
        [VERIFIER_ENVIRONMENT.secretArn]: database.analystSecret.secretArn,
        [VERIFIER_ENVIRONMENT.stuckAfterSeconds]: String(settings.stuckAfterMinutes * 60),
        [VERIFIER_ENVIRONMENT.verifyDays]: String(settings.verifyDays),
      },
    });
    database.allowStatements(this.verifier, database.analystSecret);
    new Rule(this, 'Schedule', {
      schedule: Schedule.rate(Duration.hours(settings.verifyEveryHours)),
      targets: [new LambdaFunction(this.verifier)],
    });
  }
}
