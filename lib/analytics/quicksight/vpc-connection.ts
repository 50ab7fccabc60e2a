import { Stack } from 'aws-cdk-lib';
import { type CfnSecurityGroup, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnVPCConnection } from 'aws-cdk-lib/aws-quicksight';
import { Construct } from 'constructs';
import type { Database } from '../../data/database.ts';

const POSTGRESQL_PORT = 5432;
/** No packet matches it. */
const NO_TRAFFIC = {
  cidrIp: '255.255.255.255/32',
  description: 'Nothing but what the rules beside say',
  ipProtocol: 'icmp',
  fromPort: 252,
  toPort: 86,
};

export interface VpcConnectionProps {
  readonly connectionId: string;
  readonly database: Database;
}

/** Network interfaces of QuickSight beside the database, which may reach it on its port and nothing else. */
export class VpcConnection extends Construct {
  readonly resource: CfnVPCConnection;

  constructor(scope: Construct, id: string, { connectionId, database }: VpcConnectionProps) {
    super(scope, id);
    const { vpc } = database.cluster;
    // Stateful as every security group: only connections made before April 27, 2023 need a rule for answers
    // (QuickSight user guide, "Inbound rules").
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'QuickSight, on its way to the database.',
      allowAllOutbound: false,
    });
    // EC2 lets a group out everywhere that is made without a rule, and the one to the database comes after it.
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
      description: 'QuickSight makes its network interfaces with it.',
    });
    // The actions of the QuickSight user guide, "Configuring the VPC connection".
    const policy = new ManagedPolicy(this, 'Policy', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: [
            'ec2:CreateNetworkInterface',
            'ec2:ModifyNetworkInterfaceAttribute',
            'ec2:DeleteNetworkInterface',
          ],
          resources: [
            // An interface has no name before it is made.
            arn('network-interface', '*'),
            arn('security-group', securityGroup.securityGroupId),
            ...subnets.map(({ subnetId }) => arn('subnet', subnetId)),
          ],
        }),
        // IAM knows no resources of these.
        new PolicyStatement({
          actions: ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
          resources: ['*'],
        }),
      ],
    });
    this.resource = new CfnVPCConnection(this, 'Connection', {
      awsAccountId: Stack.of(this).account,
      vpcConnectionId: connectionId,
      name: connectionId,
      roleArn: role.roleArn,
      securityGroupIds: [securityGroup.securityGroupId],
      subnetIds: subnets.map(({ subnetId }) => subnetId),
    });
    // Without it QuickSight may not make its interfaces; without the way to the database they are of no use.
    this.resource.node.addDependency(policy, securityGroup);
  }
}
