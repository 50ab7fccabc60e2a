import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { CfnDataSource } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import { allow, keyStatements } from '../../access/statements.ts';
import type { Database } from '../../data/database.ts';
import type { VpcConnection, VpcConnectionProps } from './vpc-connection.ts';

/** Lets the principal build analyses on the data source (QuickSight developer guide, "Permissions"). */
const DATA_SOURCE_ACTIONS = [
  'quicksight:DescribeDataSource',
  'quicksight:DescribeDataSourcePermissions',
  'quicksight:PassDataSource',
];
/**
 * The role with which QuickSight reads secrets in every account. Only QuickSight's console can create it, when an
 * administrator first allows Secrets Manager (QuickSight user guide, "Using Secrets Manager secrets").
 */
const SECRETS_ROLE_NAME = 'aws-quicksight-secretsmanager-role-v0';

export interface DataSourceProps extends VpcConnectionProps {
  readonly connection: VpcConnection;
  readonly principalArn: string;
}

/** The database for QuickSight: over TLS, with the role that reads only the reporting views. */
export class DataSource extends Construct {
  readonly resource: CfnDataSource;

  constructor(scope: Construct, id: string, props: DataSourceProps) {
    super(scope, id);
    const { idPrefix, database, connection, principalArn } = props;
    const secretPolicy = this.#letReadSecret(database);
    this.resource = new CfnDataSource(this, 'Source', {
      awsAccountId: Stack.of(this).account,
      dataSourceId: idPrefix,
      name: idPrefix,
      type: 'AURORA_POSTGRESQL',
      dataSourceParameters: {
        auroraPostgreSqlParameters: {
          // The endpoint of a reader, once the cluster has one.
          host: database.cluster.clusterReadEndpoint.hostname,
          port: database.cluster.clusterReadEndpoint.port,
          database: database.databaseName,
        },
      },
      // The ARN, not the values: the dashboard works after a rotation of the password.
      credentials: { secretArn: database.secrets.quicksight.secretArn },
      sslProperties: { disableSsl: false },
      vpcConnectionProperties: { vpcConnectionArn: connection.resource.attrArn },
      permissions: [{ principal: principalArn, actions: DATA_SOURCE_ACTIONS }],
    });
    this.resource.node.addDependency(connection, secretPolicy);
  }

  #letReadSecret({ secrets: { quicksight: secret } }: Database): ManagedPolicy {
    return new ManagedPolicy(this, 'ReadSecret', {
      description: 'QuickSight reads the password of its database role.',
      roles: [Role.fromRoleName(this, 'SecretsRole', SECRETS_ROLE_NAME)],
      statements: [
        allow(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], [secret.secretArn]),
        ...keyStatements(secret.encryptionKey, 'secretsmanager', 'read'),
      ],
    });
  }
}
