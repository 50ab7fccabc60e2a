import { arn, nameOf } from '../physical-names.ts';
import type { Resource } from '../template.ts';

export type QueueModel = ReturnType<typeof readQueue>;
export type NotificationModel = ReturnType<typeof readNotifications>[number];
export type SecretModel = ReturnType<typeof readSecret>;
export type RotationModel = ReturnType<typeof readRotation>;
export type ClusterModel = ReturnType<typeof readCluster>;

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

/** Reads a queue, its attributes with the names and values of SetQueueAttributes. */
export function readQueue(resource: Resource) {
  const attributes: Record<string, string> = {};
  for (const name of QUEUE_ATTRIBUTES) {
    const value = resource.property<unknown>(name);
    if (value === undefined) continue;
    attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return { name: nameOf(resource), arn: resource.attribute('Arn'), url: resource.ref(), attributes };
}

export function readBucket(resource: Resource) {
  if (resource.property<{ Status: string }>('VersioningConfiguration')?.Status !== 'Enabled') {
    throw new Error(`the local cloud keeps versioned buckets only, and ${resource.logicalId} is none`);
  }
  return { name: resource.ref(), arn: resource.attribute('Arn') };
}

interface QueueConfiguration {
  readonly Events: string[];
  readonly QueueArn: string;
  readonly Filter?: { Key: { FilterRules: { Name: string; Value: string }[] } };
}

export function readNotifications(resource: Resource) {
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

export function readSecret(resource: Resource) {
  const generate = resource.property<GenerateSecretString>('GenerateSecretString');
  if (generate?.GenerateStringKey !== 'password') {
    throw new Error(`the local cloud generates secrets with a password, and ${resource.logicalId} is none`);
  }
  /** Members of the secret's JSON in addition to the password. */
  const template = JSON.parse(generate.SecretStringTemplate) as Record<string, string>;
  return { arn: resource.ref(), template, passwordLength: generate.PasswordLength };
}

export function readRotation(resource: Resource) {
  const functionArn = resource.property('RotationLambdaARN');
  const rules = resource.property<{ AutomaticallyAfterDays?: number }>('RotationRules');
  if (functionArn === undefined || rules?.AutomaticallyAfterDays === undefined) {
    const limit = 'the local cloud rotates secrets by a function after a number of days';
    throw new Error(`${limit}, and ${resource.logicalId} wants another way`);
  }
  const secretArn = resource.property('SecretId')!;
  return { secretArn, functionArn, everyDays: rules.AutomaticallyAfterDays };
}

export function readCluster(resource: Resource) {
  if (resource.property<boolean>('EnableHttpEndpoint') !== true) {
    throw new Error(`the Data API is not enabled on ${resource.logicalId}`);
  }
  const databaseName = resource.property('DatabaseName')!;
  const masterUsername = resource.property('MasterUsername')!;
  return { arn: arn('rds', `cluster:${resource.ref()}`), databaseName, masterUsername };
}

interface BucketEncryption {
  readonly ServerSideEncryptionConfiguration: {
    readonly ServerSideEncryptionByDefault: { readonly KMSMasterKeyID?: string };
  }[];
}

/** Reads which key of the template encrypts a bucket, a queue or a secret. @returns undefined if none does */
export function readEncryption(resource: Resource) {
  const ofBucket = resource.property<BucketEncryption>('BucketEncryption');
  const [rule] = ofBucket?.ServerSideEncryptionConfiguration ?? [];
  const keyArn =
    rule?.ServerSideEncryptionByDefault.KMSMasterKeyID ??
    resource.property('KmsMasterKeyId') ??
    resource.property('KmsKeyId');
  if (keyArn === undefined) return undefined;
  const isSecret = resource.type === 'AWS::SecretsManager::Secret';
  return { resourceArn: isSecret ? resource.ref() : resource.attribute('Arn'), keyArn };
}
