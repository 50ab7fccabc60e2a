import { Stack } from 'aws-cdk-lib';
import { type CfnSecurityGroup, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnDataSource, CfnVPCConnection } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import { allow, keyStatements } from '../../access/statements.ts';
import type { DataStack } from '../../data/data-stack.ts';

const POSTGRESQL_PORT = 5432;
/** A rule that matches no packet. */
const NO_TRAFFIC = {
  cidrIp: '255.255.255.255/32',
  description: 'No traffic except by the other rules',
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
};
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

export interface QuickSightProps {
  readonly data: DataStack;
  /** The user or group that can see the dashboard. */
  readonly principalArn: string;
  /** First part of every id: an account lists the resources of all stages together. */
  readonly idPrefix: string;
}

/** Network interfaces of QuickSight in the database's network. They reach the database's port and nothing else. */
export class VpcConnection extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, { data, idPrefix }: QuickSightProps) {
    super(scope, id);
    const { account, partition, region } = Stack.of(this);
    const { cluster } = data.database;
    // Security groups are stateful: only connections created before April 27, 2023 need a rule for responses
    // (QuickSight user guide, "Inbound rules").
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: cluster.vpc,
      description: 'QuickSight to the database.',
      allowAllOutbound: false,
    });
    // EC2 allows all outbound traffic of a group without rules, and the rule for the database is created later.
    (securityGroup.node.defaultChild as CfnSecurityGroup).securityGroupEgress = [NO_TRAFFIC];
    securityGroup.connections.allowTo(cluster, Port.tcp(POSTGRESQL_PORT), 'QuickSight to PostgreSQL');
    const { subnetIds } = cluster.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED });
    const arn = (resource: string) => `arn:${partition}:ec2:${region}:${account}:${resource}`;
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('quicksight.amazonaws.com'),
      description: 'QuickSight creates its network interfaces with this role.',
    });
    // The actions of the QuickSight user guide, "Configuring the VPC connection".
    const policy = new ManagedPolicy(this, 'Policy', {
      roles: [role],
      statements: [
        allow(
          ['ec2:CreateNetworkInterface', 'ec2:ModifyNetworkInterfaceAttribute', 'ec2:DeleteNetworkInterface'],
          [
            // A network interface has no id before it is created.
            arn('network-interface/*'),
            arn(`security-group/${securityGroup.securityGroupId}`),
            ...subnetIds.map((subnetId) => arn(`subnet/${subnetId}`)),
          ],
        ),
        // These actions have no resource level.
        allow(['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'], ['*']),
      ],
    });
    const connection = new CfnVPCConnection(this, 'Connection', {
      awsAccountId: account,
      vpcConnectionId: idPrefix,
      name: idPrefix,
      roleArn: role.roleArn,
      securityGroupIds: [securityGroup.securityGroupId],
      subnetIds,
    });
    // QuickSight creates its interfaces at once: it needs the policy, and the rule to the database.
    connection.node.addDependency(policy, securityGroup);
    this.arn = connection.attrArn;
  }
}

/** The database for QuickSight: over TLS, with the role that reads only the reporting views. */
export class DataSource extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: QuickSightProps, connection: VpcConnection) {
    super(scope, id);
    const { idPrefix, principalArn } = props;
    const { cluster, databaseName, secrets } = props.data.database;
    const { secretArn, encryptionKey } = secrets.quicksight;
    const secretPolicy = new ManagedPolicy(this, 'ReadSecret', {
      description: 'QuickSight reads the password of its database role.',
      roles: [Role.fromRoleName(this, 'SecretsRole', SECRETS_ROLE_NAME)],
      statements: [
        allow(['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'], [secretArn]),
        ...keyStatements(encryptionKey, 'secretsmanager', 'read'),
      ],
    });
    // The endpoint of a reader, once the cluster has one.
    const { hostname: host, port } = cluster.clusterReadEndpoint;
    const dataSource = new CfnDataSource(this, 'Source', {
      awsAccountId: Stack.of(this).account,
      dataSourceId: idPrefix,
      name: idPrefix,
      type: 'AURORA_POSTGRESQL',
      dataSourceParameters: { auroraPostgreSqlParameters: { host, port, database: databaseName } },
      // The ARN, not the values: the dashboard works after a rotation of the password.
      credentials: { secretArn },
      sslProperties: { disableSsl: false },
      vpcConnectionProperties: { vpcConnectionArn: connection.arn },
      permissions: [{ principal: principalArn, actions: DATA_SOURCE_ACTIONS }],
    });
    dataSource.node.addDependency(connection, secretPolicy);
    this.arn = dataSource.attrArn;
  }
}
