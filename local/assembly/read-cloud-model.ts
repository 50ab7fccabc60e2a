import { physicalIdOf, valuesAt } from './physical-names.ts';
import { readAlarm } from './readers/alarm-readers.ts';
import { readApi } from './readers/api-readers.ts';
import * as functions from './readers/function-readers.ts';
import * as policies from './readers/policy-readers.ts';
import * as storage from './readers/storage-readers.ts';
import { Assembly, type Resource } from './template.ts';

/** Reads the models of a resource: one, none or a list. */
type Reader = (resource: Resource, assembly: Assembly) => unknown;

/** Readers of each part of the model, by resource type. */
const READERS = {
  functions: { 'AWS::Lambda::Function': functions.readFunction },
  logGroups: { 'AWS::Lambda::Function': functions.readLogGroup },
  queues: { 'AWS::SQS::Queue': storage.readQueue },
  apis: { 'AWS::ApiGatewayV2::Api': readApi },
  buckets: { 'AWS::S3::Bucket': storage.readBucket },
  encryptions: {
    'AWS::S3::Bucket': storage.readEncryption,
    'AWS::SQS::Queue': storage.readEncryption,
    'AWS::SecretsManager::Secret': storage.readEncryption,
  },
  managedPolicies: { 'AWS::IAM::ManagedPolicy': policies.readManagedPolicy },
  resourcePolicies: {
    'AWS::SQS::QueuePolicy': policies.readQueuePolicy,
    'AWS::S3::BucketPolicy': policies.readBucketPolicy,
    'AWS::Lambda::Permission': policies.readPermission,
    'AWS::KMS::Key': policies.readKey,
  },
  eventSources: { 'AWS::Lambda::EventSourceMapping': functions.readEventSource },
  notifications: { 'Custom::S3BucketNotifications': storage.readNotifications },
  schedules: { 'AWS::Events::Rule': functions.readSchedule },
  secrets: { 'AWS::SecretsManager::Secret': storage.readSecret },
  rotations: { 'AWS::SecretsManager::RotationSchedule': storage.readRotation },
  alarms: { 'AWS::CloudWatch::Alarm': readAlarm },
  clusters: { 'AWS::RDS::DBCluster': storage.readCluster },
  /** In the order of the deployment. */
  triggers: { 'Custom::Trigger': functions.readTrigger },
} satisfies Record<string, Record<string, Reader>>;

type Model<Read> = Read extends readonly (infer Item)[] ? Item : NonNullable<Read>;
type Part<Readers> = Readers[keyof Readers] extends infer Read
  ? Read extends Reader
    ? Model<ReturnType<Read>>
    : never
  : never;

/** All resources of a synthesized assembly that run locally. */
export type CloudModel = {
  readonly [Name in keyof typeof READERS]: readonly Part<(typeof READERS)[Name]>[];
} & { readonly stacks: ReturnType<Assembly['stacks']> };

/** Resource types that are read as a part of another resource. */
const PART_TYPES = [
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::RouteResponse',
  'AWS::ApiGatewayV2::Stage',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::SecretsManager::SecretTargetAttachment',
];

/**
 * Resource types that the local cloud leaves out, each with the reason. A type that is neither here nor among the
 * readers is an error at the start: nothing is ignored.
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
  'AWS::Cognito::UserPool': 'people: a link signs the operator in, and no token of a pool exists here',
  'AWS::Cognito::UserPoolClient': 'people',
  'AWS::Cognito::UserPoolDomain': 'people',
  'AWS::Cognito::UserPoolGroup': 'people',
  'AWS::Cognito::ManagedLoginBranding': 'people',
  'AWS::EC2::SecurityGroupEgress': 'the network',
  'AWS::EC2::SecurityGroupIngress': 'the network',
  'AWS::SNS::Topic': 'messages of alarms: none is sent, and the state of an alarm can be asked for',
  'AWS::SNS::TopicPolicy': 'messages of alarms',
  'AWS::SNS::Subscription': 'messages of alarms',
  'AWS::CloudWatch::Dashboard': 'graphs',
  'AWS::Budgets::Budget': 'costs',
  'AWS::CE::AnomalyMonitor': 'costs',
  'AWS::CE::AnomalySubscription': 'costs',
};

/** Functions of the CDK whose work the local cloud does itself, by the beginnings of their logical ids. */
const LEFT_OUT_FUNCTIONS: Readonly<Record<string, string>> = {
  BucketNotificationsHandler: 'the local cloud reads Custom::S3BucketNotifications itself',
  AWSCDKTriggerCustomResourceProvider: 'the local cloud calls the functions of Custom::Trigger itself',
};

/**
 * Reads an assembly.
 * @param endpoint URL of the gateway, which is part of queue URLs
 * @param leftOutStacks stacks to skip, by their ids
 * @throws {Error} naming the first resource that the local cloud neither runs nor leaves out
 */
export async function readCloudModel(
  assemblyDir: string,
  endpoint: string,
  leftOutStacks: Readonly<Record<string, string>> = {},
): Promise<CloudModel> {
  const values = valuesAt(endpoint);
  const assembly = await Assembly.load(assemblyDir, values, Object.keys(leftOutStacks));
  const readPart = (readers: Record<string, Reader>) =>
    Object.entries(readers).flatMap(([type, read]) =>
      assembly
        .ofType(type)
        .filter(isOurs)
        .flatMap((resource) => read(resource, assembly) ?? []),
    );
  const parts = Object.entries(READERS).map(([part, readers]) => [part, readPart(readers)]);
  const known = new Set([
    ...PART_TYPES,
    ...Object.values(READERS).flatMap((readers) => Object.keys(readers)),
  ]);
  for (const { type, logicalId, stackName } of assembly.resources) {
    if (!known.has(type) && LEFT_OUT_TYPES[type] === undefined) {
      const what = `the local cloud does not know ${type} (${logicalId} of stack ${stackName})`;
      throw new Error(`${what}: add a reader for it, or name it in local/assembly/read-cloud-model.ts`);
    }
  }
  const stacks = assembly.stacks((resource) => physicalIdOf(resource, values));
  return { ...(Object.fromEntries(parts) as Omit<CloudModel, 'stacks'>), stacks };
}

function isOurs({ logicalId }: Resource): boolean {
  return !Object.keys(LEFT_OUT_FUNCTIONS).some((prefix) => logicalId.startsWith(prefix));
}
