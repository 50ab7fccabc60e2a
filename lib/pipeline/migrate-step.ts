import { Duration } from 'aws-cdk-lib';
import { Trigger } from 'aws-cdk-lib/triggers';
import { Construct } from 'constructs';
import { MIGRATOR_VARIABLES } from '../../lambdas/migrate/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { ROLES } from '../data/database.ts';
import { PipelineFunction } from './function.ts';

/** Below the 15 minutes after which the function of the trigger times out. */
const TIMEOUT_SECONDS = 840;

/** Applies the files of `sql/` at each deployment that changes them. */
export class MigrateStep extends Construct {
  /** @param dependents constructs that need the newest schema and are deployed after the migration */
  constructor(scope: Construct, id: string, data: DataStack, dependents: readonly Construct[]) {
    super(scope, id);
    const { database } = data;
    const migrator = new PipelineFunction(this, 'Function', {
      folder: 'migrate',
      description: 'Applies the SQL files of the database.',
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
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
    database.allowStatements(migrator, 'migrator');
    database.allowSecrets(migrator, ROLES);
    new Trigger(this, 'Migration', {
      handler: migrator,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      executeBefore: [...dependents],
    });
  }
}
