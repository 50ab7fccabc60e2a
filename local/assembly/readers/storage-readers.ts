import type {
  BucketModel,
  ClusterModel,
  EncryptionModel,
  NotificationModel,
  QueueModel,
  RotationModel,
  SecretModel,
} from '../cloud-model.ts';
import { arn, nameOf } from '../physical-names.ts';
import type { Assembly, Resource } from '../template.ts';

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

export function readQueue(assembly: Assembly, resource: Resource): QueueModel[] {
  const set = QUEUE_ATTRIBUTES.map((name) => [name, assembly.property(resource, name)] as const);
  const attributes = set
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  return [
    {
      name: nameOf(resource),
      arn: assembly.attribute(resource, 'Arn'),
      url: assembly.ref(resource),
      attributes: Object.fromEntries(attributes),
    },
  ];
}

export function readBucket(assembly: Assembly, resource: Resource): BucketModel[] {
  const versioning = assembly.property<{ Status: string }>(resource, 'VersioningConfiguration');
  if (versioning?.Status !== 'Enabled') {
    throw new Error(`the local cloud keeps versioned buckets only, and ${resource.logicalId} is none`);
  }
  return [{ name: assembly.ref(resource), arn: assembly.attribute(resource, 'Arn') }];
}

interface QueueConfiguration {
  readonly Events: string[];
  readonly QueueArn: string;
  readonly Filter?: { Key: { FilterRules: { Name: string; Value: string }[] } };
}

export function readNotifications(assembly: Assembly, resource: Resource): NotificationModel[] {
  const bucketName = assembly.property<string>(resource, 'BucketName')!;
  const configuration = assembly.property<Record<string, unknown>>(resource, 'NotificationConfiguration')!;
  // Events to EventBridge are for AWS Backup, which is left out.
  const known = ['QueueConfigurations', 'EventBridgeConfiguration'];
  const unknown = Object.keys(configuration).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new Error(`the local cloud sends S3 notifications to queues, not ${unknown}`);
  return (configuration.QueueConfigurations as QueueConfiguration[]).map(({ Events, QueueArn, Filter }) => {
    const rule = (name: string) =>
      Filter?.Key.FilterRules.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? '';
    return { bucketName, queueArn: QueueArn, events: Events, prefix: rule('prefix'), suffix: rule('suffix') };
  });
}

export function readSecret(assembly: Assembly, resource: Resource): SecretModel[] {
  const generate = assembly.property<{
    SecretStringTemplate: string;
    GenerateStringKey: string;
    PasswordLength: number;
  }>(resource, 'GenerateSecretString');
  if (generate?.GenerateStringKey !== 'password') {
    throw new Error(`the local cloud generates secrets with a password, and ${resource.logicalId} is none`);
  }
  const template = JSON.parse(generate.SecretStringTemplate) as Record<string, string>;
  return [{ arn: assembly.ref(resource), template, passwordLength: generate.PasswordLength }];
}

export function readRotation(assembly: Assembly, resource: Resource): RotationModel[] {
  const functionArn = assembly.property<string>(resource, 'RotationLambdaARN');
  const rules = assembly.property<{ AutomaticallyAfterDays?: number }>(resource, 'RotationRules');
  if (functionArn === undefined || rules?.AutomaticallyAfterDays === undefined) {
    throw new Error(
      `the local cloud rotates secrets by a function after a number of days, and ${resource.logicalId} wants another way`,
    );
  }
  const secretArn = assembly.property<string>(resource, 'SecretId')!;
  return [{ secretArn, functionArn, everyDays: rules.AutomaticallyAfterDays }];
}

export function readCluster(assembly: Assembly, resource: Resource): ClusterModel[] {
  if (assembly.property(resource, 'EnableHttpEndpoint') !== true) {
    throw new Error(`the Data API is not enabled on ${resource.logicalId}`);
  }
  return [
    {
      arn: arn('rds', `cluster:${assembly.ref(resource)}`),
      databaseName: assembly.property<string>(resource, 'DatabaseName')!,
      masterUsername: assembly.property<string>(resource, 'MasterUsername')!,
    },
  ];
}

interface BucketEncryption {
  readonly ServerSideEncryptionConfiguration: {
    readonly ServerSideEncryptionByDefault: { readonly KMSMasterKeyID?: string };
  }[];
}

export function readBucketKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  const encryption = assembly.property<BucketEncryption>(resource, 'BucketEncryption');
  const byDefault = encryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault;
  return encryptionOf(assembly.attribute(resource, 'Arn'), byDefault?.KMSMasterKeyID);
}

export function readQueueKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  return encryptionOf(assembly.attribute(resource, 'Arn'), assembly.property(resource, 'KmsMasterKeyId'));
}

export function readSecretKey(assembly: Assembly, resource: Resource): EncryptionModel[] {
  return encryptionOf(assembly.ref(resource), assembly.property(resource, 'KmsKeyId'));
}

function encryptionOf(resourceArn: string, keyArn: string | undefined): EncryptionModel[] {
  return keyArn === undefined ? [] : [{ resourceArn, keyArn }];
}
