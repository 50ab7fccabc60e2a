import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { MIGRATOR_VARIABLES } from '../../lambdas/migrate/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';
import { type Database, ROLES } from './database.ts';

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
      environment: writeEnvironment(MIGRATOR_VARIABLES, {
        ...database.connection('migrator'),
        roleSecretArns: ROLES.map((role) => database.secrets[role].secretArn),
      }),
      bundlingHooks: {
        beforeBundling: () => [],
        beforeInstall: () => [],
        afterBundling: (inputDir, outputDir) => [
          `cp -R "${inputDir}/sql/migrations" "${outputDir}/migrations"`,
        ],
      },
    });
    database.allowStatements(this.migrate, 'migrator');
    database.allowSecrets(this.migrate, ROLES);
    new Trigger(this, 'Migration', {
      handler: this.migrate,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      executeBefore: [...dependents],
    });
  }
}
