import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { MIGRATOR_VARIABLES } from '../../lambdas/migrate/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import { PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';
import { type Database, ROLES } from './database.ts';

/** The longest that the trigger's own function waits is 15 minutes: this one ends before it. */
const TIMEOUT_SECONDS = 840;

export interface SchemaProps {
  readonly settings: Settings;
  /** Encrypts messages, secrets and logs. */
  readonly key: IKey | undefined;
  readonly database: Database;
  /** What needs the newest schema, and is deployed after it. */
  readonly dependents: readonly Construct[];
}

/** Applies the files of `sql/` at each deployment that changes them. */
export class Schema extends Construct {
  readonly migrate: PipelineFunction;

  constructor(scope: Construct, id: string, { settings, key, database, dependents }: SchemaProps) {
    super(scope, id);
    this.migrate = new PipelineFunction(this, 'Migrate', {
      folder: 'migrate',
      description: 'Applies the SQL files of the database.',
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
          `mkdir -p "${outputDir}/sql"`,
          `cp -R "${inputDir}/sql/bootstrap.sql" "${inputDir}/sql/migrations" "${inputDir}/sql/functions" "${inputDir}/sql/views" "${outputDir}/sql"`,
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
