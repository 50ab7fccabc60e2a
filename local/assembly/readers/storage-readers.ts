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
import type { Resource } from '../template.ts';

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

export function readQueue(resource: Resource): QueueModel[] {
  const attributes = QUEUE_ATTRIBUTES.flatMap((name) => {
    const value = resource.property<unknown>(name);
    if (value === undefined) return [];
    return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)] as const];
  });
  const [name, url] = [nameOf(resource), resource.ref()];
  return [{ name, arn: resource.attribute('Arn'), url, attributes: Object.fromEntries(attributes) }];
}

export function readBucket(resource: Resource): BucketModel[] {
  if (resource.property<{ Status: string }>('VersioningConfiguration')?.Status !== 'Enabled') {
    throw new Error(`the local cloud keeps versioned buckets only, and ${resource.logicalId} is none`);
  }
  return [{ name: resource.ref(), arn: resource.attribute('Arn') }];
}

interface QueueConfiguration {
  readonly Events: string[];
  readonly QueueArn: string;
  readonly Filter?: { Key: { FilterRules: { Name: string; Value: string }[] } };
}

export function readNotifications(resource: Resource): NotificationModel[] {
  const bucketName = resource.property('BucketName')!;
  const configuration = resource.property<Record<string, unknown>>('NotificationConfiguration')!;
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

interface GenerateSecretString {
  readonly SecretStringTemplate: string;
  readonly GenerateStringKey: string;
  readonly PasswordLength: number;
}

export function readSecret(resource: Resource): SecretModel[] {
  const generate = resource.property<GenerateSecretString>('GenerateSecretString');
  if (generate?.GenerateStringKey !== 'password') {
    throw new Error(`the local cloud generates secrets with a password, and ${resource.logicalId} is none`);
  }
  const template = JSON.parse(generate.SecretStringTemplate) as Record<string, string>;
  return [{ arn: resource.ref(), template, passwordLength: generate.PasswordLength }];
}

export function readRotation(resource: Resource): RotationModel[] {
  const functionArn = resource.property('RotationLambdaARN');
  const rules = resource.property<{ AutomaticallyAfterDays?: number }>('RotationRules');
  if (functionArn === undefined || rules?.AutomaticallyAfterDays === undefined) {
    const limit = 'the local cloud rotates secrets by a function after a number of days';
    throw new Error(`${limit}, and ${resource.logicalId} wants another way`);
  }
  const secretArn = resource.property('SecretId')!;
  return [{ secretArn, functionArn, everyDays: rules.AutomaticallyAfterDays }];
}

export function readCluster(resource: Resource): ClusterModel[] {
  if (resource.property<boolean>('EnableHttpEndpoint') !== true) {
    throw new Error(`the Data API is not enabled on ${resource.logicalId}`);
  }
  const databaseName = resource.property('DatabaseName')!;
  const masterUsername = resource.property('MasterUsername')!;
  return [{ arn: arn('rds', `cluster:${resource.ref()}`), databaseName, masterUsername }];
}

interface BucketEncryption {
  readonly ServerSideEncryptionConfiguration: {
    readonly ServerSideEncryptionByDefault: { readonly KMSMasterKeyID?: string };
  }[];
}

export function readBucketKey(resource: Resource): EncryptionModel[] {
  const encryption = resource.property<BucketEncryption>('BucketEncryption');
  const byDefault = encryption?.ServerSideEncryptionConfiguration[0]?.ServerSideEncryptionByDefault;
  return encryptionOf(resource.attribute('Arn'), byDefault?.KMSMasterKeyID);
}

export function readQueueKey(resource: Resource): EncryptionModel[] {
  return encryptionOf(resource.attribute('Arn'), resource.property('KmsMasterKeyId'));
}

export function readSecretKey(resource: Resource): EncryptionModel[] {
  return encryptionOf(resource.ref(), resource.property('KmsKeyId'));
}

function encryptionOf(resourceArn: string, keyArn: string | undefined): EncryptionModel[] {
  return keyArn === undefined ? [] : [{ resourceArn, keyArn }];
}
