/** Whole stacks that the local cloud does without, by their ids in the assembly. */
export const LEFT_OUT_STACKS: Readonly<Record<string, string>> = {
  RetailAnalytics: 'QuickSight, the Data Catalog and Athena: analysts ask PostgreSQL itself',
  RetailOperations: 'alarms, dashboards and budgets: nobody is woken by a laptop',
  RetailBackupCopy: 'copies in another region',
  RetailDeployer: 'deployments from GitHub',
};

/**
 * Resources of the template that the local cloud knowingly does without. Anything that is neither here nor in
 * `read-cloud-model.ts` stops the start with an error: nothing is ignored in silence.
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
  'AWS::Logs::LogGroup': 'logs go to files in the data directory, and stay',
  'AWS::Lambda::Version': 'there is one version, the newest',
  'AWS::EC2::SecurityGroupEgress': 'the network',
  'AWS::EC2::SecurityGroupIngress': 'the network',
};

/** Functions that belong to the CDK and carry out what the local cloud does itself, by their logical ids. */
export const LEFT_OUT_FUNCTIONS: Readonly<Record<string, string>> = {
  BucketNotificationsHandler: 'the local cloud reads Custom::S3BucketNotifications itself',
  AWSCDKTriggerCustomResourceProvider: 'the local cloud carries out Custom::Trigger itself',
};

/**
 * What else differs from AWS: signatures are not verified (the access key says who calls); every call counts as
 * made over TLS; X-Ray and CloudWatch are never called; capacity, pausing, encryption at rest and lifecycle rules
 * have no effect; secrets are rotated when somebody asks for it and never by the calendar; at most as many copies of a function run as the machine has processors, and at least two.
 */
export const LOCAL_CONCURRENCY_FLOOR = 2;
