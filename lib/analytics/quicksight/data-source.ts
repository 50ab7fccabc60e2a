import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { CfnDataSource } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { Database } from '../../data/database.ts';
import { mayUseDataSource } from './permissions.ts';
import type { VpcConnection } from './vpc-connection.ts';

/**
 * As whom QuickSight reads secrets, in every account. QuickSight's console makes it when an administrator allows
 * Secrets Manager for the first time; nothing else can (QuickSight user guide, "Using Secrets Manager secrets").
 */
const SECRETS_ROLE_NAME = 'aws-quicksight-secretsmanager-role-v0';

export interface DataSourceProps {
  readonly dataSourceId: string;
  readonly database: Database;
  readonly vpcConnection: VpcConnection;
  readonly principalArn: string;
}

/** The database, as QuickSight reaches it: over TLS, as the role that reads the reporting views alone. */
export class DataSource extends Construct {
  readonly resource: CfnDataSource;

  constructor(scope: Construct, id: string, props: DataSourceProps) {
    super(scope, id);
    const { dataSourceId, database, vpcConnection, principalArn } = props;
    const secretPolicy = this.#letReadSecret(database);
    this.resource = new CfnDataSource(this, 'Source', {
      awsAccountId: Stack.of(this).account,
      dataSourceId,
      name: dataSourceId,
      type: 'AURORA_POSTGRESQL',
      dataSourceParameters: {
        auroraPostgreSqlParameters: {
          // That of a reader, as soon as there is one.
          host: database.cluster.clusterReadEndpoint.hostname,
          port: database.cluster.clusterReadEndpoint.port,
          database: database.databaseName,
        },
      },
      // By its ARN, and not its values: a password that is changed is not the end of the dashboard.
      credentials: { secretArn: database.secrets.quicksight.secretArn },
      sslProperties: { disableSsl: false },
      vpcConnectionProperties: { vpcConnectionArn: vpcConnection.resource.attrArn },
      permissions: mayUseDataSource(principalArn),
    });
    this.resource.node.addDependency(vpcConnection, secretPolicy);
  }

  #letReadSecret({ secrets }: Database): ManagedPolicy {
    const policy = new ManagedPolicy(this, 'ReadSecret', {
      description: 'QuickSight reads the password of its database role.',
      roles: [Role.fromRoleName(this, 'SecretsRole', SECRETS_ROLE_NAME)],
      statements: [
        new PolicyStatement({
          actions: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
          resources: [secrets.quicksight.secretArn],
        }),
      ],
    });
    const key = secrets.quicksight.encryptionKey;
    if (key !== undefined) {
      policy.addStatements(
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [key.keyArn],
          conditions: {
            StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(this).region}.amazonaws.com` },
          },
        }),
      );
    }
    return policy;
  }
}
