import { Stack } from 'aws-cdk-lib';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { DatabaseSecret } from 'aws-cdk-lib/aws-rds';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { ROTATOR_VARIABLES } from '../../lambdas/rotate/environment.ts';
import { writeEnvironment } from '../../lambdas/shared/environment.ts';
import type { DataStack } from '../data/data-stack.ts';
import { ROLES, userNameOf } from '../data/database.ts';
import { capitalize, PipelineFunction } from './function.ts';

/** Enough for a paused database to resume, and for calls of the Data API of at most 45 s. */
const TIMEOUT_SECONDS = 180;

/** Secrets Manager → rotator → Data API: changes the password of each role every few weeks, without a network. */
export class RotateStep extends Construct {
  constructor(scope: Construct, id: string, data: DataStack) {
    super(scope, id);
    const { settings, key, database } = data;
    // Holds the password under test: the Data API logs in with the current version of a secret only.
    const probeSecret = new DatabaseSecret(this, 'ProbeSecret', {
      username: 'retail_probe',
      ...(key && { encryptionKey: key }),
    });
    const rotator = new PipelineFunction(this, 'Function', {
      folder: 'rotate',
      description: "Changes the passwords of the database's roles for Secrets Manager.",
      timeoutSeconds: TIMEOUT_SECONDS,
      data,
      environment: writeEnvironment(ROTATOR_VARIABLES, {
        ...database.connection('migrator'),
        probeSecretArn: probeSecret.secretArn,
        roleSecrets: (['migrator', ...ROLES] as const).map(
          (role) => `${userNameOf(role)}=${database.secrets[role].secretArn}`,
        ),
      }),
    });
    database.allowStatements(rotator, 'migrator');
    rotator.allow(
      [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Object.values(database.secrets).map(({ secretArn }) => secretArn),
    );
    rotator.allow(
      ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'],
      [probeSecret.secretArn],
    );
    rotator.allowKey('secretsmanager', 'write');
    for (const [name, { secretArn }] of Object.entries(database.secrets)) {
      const role = capitalize(name);
      const permission = new CfnPermission(this, `${role}Permission`, {
        action: 'lambda:InvokeFunction',
        functionName: rotator.functionArn,
        principal: 'secretsmanager.amazonaws.com',
        sourceAccount: Stack.of(this).account,
        sourceArn: secretArn,
      });
      const schedule = new CfnRotationSchedule(this, `${role}Schedule`, {
        secretId: secretArn,
        rotationLambdaArn: rotator.functionArn,
        rotationRules: { automaticallyAfterDays: settings.secretRotationDays },
        // A deployment runs the test step only: it changes no password while the pipeline works.
        rotateImmediatelyOnUpdate: false,
      });
      schedule.addResourceDependency(permission);
      // Includes the policy of the function's role: Secrets Manager calls the function at once.
      schedule.node.addDependency(rotator);
    }
  }
}
