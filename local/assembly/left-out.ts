/**
 * Resource types that the local cloud leaves out, each with the reason. A type that is neither here nor in
 * `read-cloud-model.ts` is an error at the start: nothing is ignored.
 */
export const LEFT_OUT_TYPES: Readonly<Record<string, string>> = {
  'AWS::EC2::VPC': 'the network: PostgreSQL listens on loopback',
  'AWS::EC2::Subnet': 'the network',
  'AWS::EC2::RouteTable': 'the network',
  'AWS::EC2::SubnetRouteTableAssociation': 'the network',
  'AWS::EC2::SecurityGroup': 'the network',
  'AWS::EC2::FlowLog': 'the network',
  'AWS::RDS::DBSubnetGroup': 'the network',
  'AWS::RDS::DBInstance': 'capacity: the cluster is one local PostgreSQL',
  'AWS::Backup::BackupVault': 'backups: the data directory is a folder that can be copied',
  'AWS::Backup::BackupPlan': 'backups',
  'AWS::Backup::BackupSelection': 'backups',
  'AWS::Backup::RestoreTestingPlan': 'backups',
  'AWS::Backup::RestoreTestingSelection': 'backups',
  'AWS::Logs::LogGroup': 'logs are files in the data directory, kept forever',
  'AWS::Lambda::Version': 'only the newest version exists',
  'AWS::EC2::SecurityGroupEgress': 'the network',
  'AWS::EC2::SecurityGroupIngress': 'the network',
};

/** Functions of the CDK whose work the local cloud does itself, by the beginnings of their logical ids. */
export const LEFT_OUT_FUNCTIONS: Readonly<Record<string, string>> = {
  BucketNotificationsHandler: 'the local cloud reads Custom::S3BucketNotifications itself',
  AWSCDKTriggerCustomResourceProvider: 'the local cloud calls the functions of Custom::Trigger itself',
};
