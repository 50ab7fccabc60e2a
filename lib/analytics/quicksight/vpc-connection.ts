import { Stack } from 'aws-cdk-lib';
import { type CfnSecurityGroup, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnVPCConnection } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import { allow } from '../../access/statements.ts';
import type { Database } from '../../data/database.ts';

const POSTGRESQL_PORT = 5432;
/** A rule that matches no packet. */
const NO_TRAFFIC = {
  cidrIp: '255.255.255.255/32',
  description: 'No traffic except by the other rules',
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
};

export interface VpcConnectionProps {
  readonly idPrefix: string;
  readonly database: Database;
}

/** Network interfaces of QuickSight in the database's network. They reach the database's port and nothing else. */
export class VpcConnection extends Construct {
  readonly resource: CfnVPCConnection;

  constructor(scope: Construct, id: string, { idPrefix, database }: VpcConnectionProps) {
    super(scope, id);
    const { vpc } = database.cluster;
    // Security groups are stateful: only connections created before April 27, 2023 need a rule for responses
    // (QuickSight user guide, "Inbound rules").
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'QuickSight to the database.',
      allowAllOutbound: false,
    });
    // EC2 allows all outbound traffic of a group without rules, and the rule for the database is created later.
    (securityGroup.node.defaultChild as CfnSecurityGroup).securityGroupEgress = [NO_TRAFFIC];
    securityGroup.connections.allowTo(
      database.cluster,
      Port.tcp(POSTGRESQL_PORT),
      'QuickSight to PostgreSQL',
    );
    const { subnets } = vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_ISOLATED });
    const arn = (resource: string, resourceName: string) =>
      Stack.of(this).formatArn({ service: 'ec2', resource, resourceName });
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
            arn('network-interface', '*'),
            arn('security-group', securityGroup.securityGroupId),
            ...subnets.map(({ subnetId }) => arn('subnet', subnetId)),
          ],
        ),
        // These actions have no resource level.
        allow(['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'], ['*']),
      ],
    });
    this.resource = new CfnVPCConnection(this, 'Connection', {
      awsAccountId: Stack.of(this).account,
      vpcConnectionId: idPrefix,
      name: idPrefix,
      roleArn: role.roleArn,
      securityGroupIds: [securityGroup.securityGroupId],
      subnetIds: subnets.map(({ subnetId }) => subnetId),
    });
    // QuickSight creates its interfaces at once: it needs the policy, and the rule to the database.
    this.resource.node.addDependency(policy, securityGroup);
  }
}
