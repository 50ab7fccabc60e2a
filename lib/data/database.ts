import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { FlowLogDestination, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { DATABASE_VARIABLES, Environment } from '../../lambdas/shared/environment.ts';
import { capitalize, type PipelineFunction } from '../pipeline/function.ts';
import type { Settings } from '../settings/read-settings.ts';

const DATABASE_NAME = 'retail';

/** Roles that log in with a secret. sql/ creates them. */
export const ROLES = ['loader', 'operator', 'analyst', 'sweeper', 'quicksight', 'api', 'notifier'] as const;
/** A role of `ROLES`, or the migrator, which owns everything in the database. */
export type Role = (typeof ROLES)[number] | 'migrator';

/** The name of a role in the database. */
export const userNameOf = (role: Role): string => `retail_${role}`;

export interface DatabaseProps {
  readonly settings: Settings;
  /** Encrypts rows and secrets. @default the keys of RDS and of Secrets Manager */
  readonly key: IKey | undefined;
  /** Receives the flow logs of the network. */
  readonly logBucket: IBucket;
}

/** Aurora PostgreSQL Serverless v2, reached through the Data API only, with a secret for each role. */
export class Database extends Construct {
  readonly databaseName = DATABASE_NAME;
  readonly cluster: rds.DatabaseCluster;
  /** The user name and password of each role. All of them are rotated. */
  readonly secrets: Readonly<Record<Role, ISecret>>;

  constructor(scope: Construct, id: string, { settings, key, logBucket }: DatabaseProps) {
    super(scope, id);
    // The network has no route to the outside. Only the Data API reaches it.
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 }],
    });
    vpc.addFlowLog('Traffic', { destination: FlowLogDestination.toS3(logBucket, 'network/') });
    this.cluster = new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({ version: rds.AuroraPostgresEngineVersion.VER_18_4 }),
      credentials: rds.Credentials.fromGeneratedSecret(userNameOf('migrator'), key && { encryptionKey: key }),
      defaultDatabaseName: DATABASE_NAME,
      enableDataApi: true,
      storageEncrypted: true,
      ...(key && { storageEncryptionKey: key }),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      writer: rds.ClusterInstance.serverlessV2('Writer'),
      serverlessV2MinCapacity: settings.databaseMinAcu,
      serverlessV2MaxCapacity: settings.databaseMaxAcu,
      ...(settings.databaseMinAcu === 0 && {
        serverlessV2AutoPauseDuration: Duration.minutes(settings.databasePauseMinutes),
      }),
      backup: { retention: Duration.days(settings.backupRetentionDays) },
      iamAuthentication: true,
      deletionProtection: settings.protect,
      removalPolicy: RemovalPolicy.SNAPSHOT,
    });
    const secrets = ROLES.map((role) => {
      const secret = new rds.DatabaseSecret(this, `${capitalize(role)}Secret`, {
        username: userNameOf(role),
        dbname: DATABASE_NAME,
        ...(key && { encryptionKey: key }),
      });
      return [role, secret.attach(this.cluster)];
    });
    this.secrets = { ...Object.fromEntries(secrets), migrator: this.cluster.secret! };
  }

  /** The variables of a function that runs statements as a role. */
  connection(role: Role): Environment<typeof DATABASE_VARIABLES> {
    const { secretArn } = this.secrets[role];
    return { clusterArn: this.cluster.clusterArn, databaseName: DATABASE_NAME, secretArn };
  }

  /** Lets a function run statements as a role. The Data API reads the role's secret with the caller's permissions. */
  allowStatements(caller: PipelineFunction, role: Role): void {
    caller.allow(['rds-data:ExecuteStatement'], [this.cluster.clusterArn]);
    this.allowSecrets(caller, [role]);
  }

  allowSecrets(caller: PipelineFunction, roles: readonly Role[]): void {
    caller.allow(
      ['secretsmanager:GetSecretValue'],
      roles.map((role) => this.secrets[role].secretArn),
    );
    caller.allowKey('secretsmanager', 'read');
  }
}
