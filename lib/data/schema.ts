import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { MIGRATE_ENVIRONMENT } from '../../lambdas/shared/environment.ts';
import { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';
import type { Database } from './database.ts';

const TIMEOUT_SECONDS = 600;

export interface SchemaProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly database: Database;
  /** What needs the newest schema, and is deployed after it. */
  readonly dependents: readonly Construct[];
}

/** Runs the migrations of `sql/migrations` at each deployment that changes them. */
export class Schema extends Construct {
  readonly migrate: PipelineFunction;

  constructor(scope: Construct, id: string, { settings, key, database, dependents }: SchemaProps) {
    super(scope, id);
    this.migrate = new PipelineFunction(this, 'Migrate', {
      folder: 'migrate',
      description: 'Brings the database to the newest migration.',
      memoryMiB: 512,
      timeoutSeconds: TIMEOUT_SECONDS,
      settings,
      key,
      environment: {
        [MIGRATE_ENVIRONMENT.clusterArn]: database.cluster.clusterArn,
        [MIGRATE_ENVIRONMENT.databaseName]: database.databaseName,
        [MIGRATE_ENVIRONMENT.secretArn]: database.migratorSecret.secretArn,
        [MIGRATE_ENVIRONMENT.loaderSecretArn]: database.loaderSecret.secretArn,
        [MIGRATE_ENVIRONMENT.analystSecretArn]: database.analystSecret.secretArn,
        [MIGRATE_ENVIRONMENT.sweeperSecretArn]: database.sweeperSecret.secretArn,
        [MIGRATE_ENVIRONMENT.quicksightSecretArn]: database.quicksightSecret.secretArn,
      },
      bundlingHooks: {
        beforeBundling: () => [],
        beforeInstall: () => [],
        afterBundling: (inputDir, outputDir) => [
          `cp -R "${inputDir}/sql/migrations" "${outputDir}/migrations"`,
        ],
      },
    });
    database.allowStatements(this.migrate, database.migratorSecret);
    database.allowSecrets(this.migrate, [
      database.loaderSecret,
      database.analystSecret,
      database.sweeperSecret,
      database.quicksightSecret,
    ]);
    new Trigger(this, 'Migration', {
      handler: this.migrate,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      executeBefore: [...dependents],
    });
  }
}
