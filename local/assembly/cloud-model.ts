import { createHash } from 'node:crypto';
import type { Statement } from '../iam/policy.ts';
import { LEFT_OUT_FUNCTIONS, LEFT_OUT_TYPES } from './left-out.ts';
import { ACCOUNT, Assembly, REGION, type Resource, type ResourceValues } from './template.ts';

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly bundleDir: string;
  /** As in the template: `file.export`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** What the function's role may do. */
  readonly statements: readonly Statement[];
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** As SetQueueAttributes names them. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface BucketModel {
  readonly name: string;
  readonly arn: string;
}

export interface ResourcePolicyModel {
  readonly resourceArn: string;
  readonly statements: readonly Statement[];
}

export interface EventSourceModel {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly maxConcurrency: number;
}

export interface NotificationModel {
  readonly bucketName: string;
  readonly queueArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface SecretModel {
  readonly arn: string;
  /** What the secret's JSON holds beside the password. */
  readonly template: Readonly<Record<string, string>>;
  readonly passwordLength: number;
}

export interface ClusterModel {
  readonly arn: string;
  readonly databaseName: string;
  readonly masterUsername: string;
}

/** Everything of the synthesized assembly that runs here. */
export interface CloudModel {
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly buckets: readonly BucketModel[];
  readonly resourcePolicies: readonly ResourcePolicyModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly notifications: readonly NotificationModel[];
  readonly secrets: readonly SecretModel[];
  readonly clusters: readonly ClusterModel[];
  /** Names of functions that a deployment calls, in order. */
  readonly triggers: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** Types that are read together with another one. */
const PART_TYPES = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::SecretsManager::SecretTargetAttachment'];

/**
 * Reads an assembly.
 * @param endpoint where the gateway will listen: it is part of queue URLs
 * @throws {Error} where the assembly has something that the local cloud neither runs nor knowingly leaves out
 */
export async function readCloudModel(assemblyDir: string, endpoint: string): Promise<CloudModel> {
  const assembly = await Assembly.load(assemblyDir, valuesAt(endpoint));
  const readers: Record<string, (resource: Resource) => void> = {};
  const read = <Model>(
    type: string,
    reader: (assembly: Assembly, resource: Resource) => Model[],
  ): Model[] => {
    readers[type] = () => undefined;
    return assembly
      .ofType(type)
      .filter(isOurs)
      .flatMap((resource) => reader(assembly, resource));
  };
  const model: CloudModel = {
    functions: read('AWS::Lambda::Function', readFunction),
    queues: read('AWS::SQS::Queue', readQueue),
    buckets: read('AWS::S3::Bucket', readBucket),
    resourcePolicies: [
      ...read('AWS::SQS::QueuePolicy', readQueuePolicy),
      ...read('AWS::S3::BucketPolicy', readBucketPolicy),
    ],
    eventSources: read('AWS::Lambda::EventSourceMapping', readEventSource),
    notifications: read('Custom::S3BucketNotifications', readNotifications),
    secrets: read('AWS::SecretsManager::Secret', readSecret),
    clusters: read('AWS::RDS::DBCluster', readCluster),
    triggers: read('Custom::Trigger', readTrigger),
    outputs: assembly.outputs(),
  };
  for (const { type, logicalId, stackName } of assembly.resources) {
    if (readers[type] === undefined && !PART_TYPES.includes(type) && LEFT_OUT_TYPES[type] === undefined) {
      throw new Error(
        `the local cloud does not know ${type} (${logicalId} of stack ${stackName}): teach it, or name it in local/assembly/left-out.ts`,
      );
    }
  }
  return model;
}

function isOurs({ logicalId }: Resource): boolean {
  return !Object.keys(LEFT_OUT_FUNCTIONS).some((prefix) => logicalId.startsWith(prefix));
}

/** As long as a bucket's name may be; what is cut off lives on in a hash. */
function nameOf({ stackName, logicalId }: Resource): string {
  const name = `${stackName}-${logicalId}`.toLowerCase();
  if (name.length <= 63) return name;
  return `${name.slice(0, 54)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

function arn(service: string, path: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${path}`;
}

function valuesAt(endpoint: string): Record<string, ResourceValues> {
  const secretArn = (resource: Resource) => arn('secretsmanager', `secret:${nameOf(resource)}`);
  const functionArn = (resource: Resource) => arn('lambda', `function:${nameOf(resource)}`);
  return {
    'AWS::S3::Bucket': { ref: nameOf, attributes: { Arn: (bucket) => `arn:aws:s3:::${nameOf(bucket)}` } },
    'AWS::SQS::Queue': {
      ref: (queue) => `${endpoint}/${ACCOUNT}/${nameOf(queue)}`,
      attributes: { Arn: (queue) => arn('sqs', nameOf(queue)), QueueName: nameOf },
    },
    'AWS::Lambda::Function': { ref: nameOf, attributes: { Arn: functionArn } },
    'AWS::Lambda::Version': {
      ref: (version, assembly) =>
        `${arn('lambda', `function:${assembly.property(version, 'FunctionName')}`)}:1`,
    },
    'AWS::IAM::Role': {
      ref: nameOf,
      attributes: { Arn: (role) => `arn:aws:iam::${ACCOUNT}:role/${nameOf(role)}` },
    },
    'AWS::Logs::LogGroup': {
      ref: nameOf,
      attributes: { Arn: (group) => `${arn('logs', `log-group:${nameOf(group)}`)}:*` },
    },
    'AWS::SecretsManager::Secret': { ref: secretArn },
    'AWS::SecretsManager::SecretTargetAttachment': {
      ref: (attachment, assembly) => assembly.property<string>(attachment, 'SecretId')!,
    },
    'AWS::RDS::DBCluster': { ref: nameOf },
  };
}

function readFunction(assembly: Assembly, resource: Resource): FunctionModel[] {
  const runtime = assembly.property<string>(resource, 'Runtime');
  if (resource.assetPath === undefined || !runtime?.startsWith('nodejs')) {
    throw new Error(`the local cloud cannot run ${resource.logicalId}: ${runtime}, no bundled asset`);
  }
  const environment = assembly.property<{ Variables?: Record<string, string> }>(resource, 'Environment');
  return [
    {
      name: nameOf(resource),
      arn: assembly.attribute(resource, 'Arn'),
      bundleDir: resource.assetPath,
      handler: assembly.property<string>(resource, 'Handler')!,
      environment: environment?.Variables ?? {},
      memoryMiB: assembly.property<number>(resource, 'MemorySize') ?? 128,
      timeoutSeconds: assembly.property<number>(resource, 'Timeout') ?? 3,
      statements: statementsOf(assembly, assembly.property<string>(resource, 'Role')!),
    },
  ];
}

function statementsOf(assembly: Assembly, roleArn: string): Statement[] {
  const role = assembly.ofType('AWS::IAM::Role').find((item) => assembly.attribute(item, 'Arn') === roleArn)!;
  for (const unknown of ['ManagedPolicyArns', 'Policies', 'PermissionsBoundary']) {
    if (assembly.property(role, unknown) !== undefined) {
      throw new Error(`the local cloud does not read ${unknown} of role ${role.logicalId}`);
    }
  }
  return assembly
    .ofType('AWS::IAM::Policy')
    .filter((policy) => assembly.property<string[]>(policy, 'Roles')?.includes(assembly.ref(role)))
    .flatMap((policy) => documentOf(assembly, policy));
}

function documentOf(assembly: Assembly, policy: Resource): Statement[] {
  return assembly.property<{ Statement: Statement[] }>(policy, 'PolicyDocument')!.Statement;
}

const QUEUE_ATTRIBUTES = [
  'DelaySeconds',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

function readQueue(assembly: Assembly, resource: Resource): QueueModel[] {
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

function readBucket(assembly: Assembly, resource: Resource): BucketModel[] {
  const versioning = assembly.property<{ Status: string }>(resource, 'VersioningConfiguration');
  if (versioning?.Status !== 'Enabled') {
    throw new Error(`the local cloud keeps versioned buckets only, and ${resource.logicalId} is none`);
  }
  return [{ name: assembly.ref(resource), arn: assembly.attribute(resource, 'Arn') }];
}

function readQueuePolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const urls = assembly.property<string[]>(resource, 'Queues')!;
  const statements = documentOf(assembly, resource);
  return urls.map((url) => ({ resourceArn: arn('sqs', url.split('/').at(-1)!), statements }));
}

function readBucketPolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const resourceArn = `arn:aws:s3:::${assembly.property<string>(resource, 'Bucket')}`;
  return [{ resourceArn, statements: documentOf(assembly, resource) }];
}

function readEventSource(assembly: Assembly, resource: Resource): EventSourceModel[] {
  const scaling = assembly.property<{ MaximumConcurrency?: number }>(resource, 'ScalingConfig');
  const responses = assembly.property<string[]>(resource, 'FunctionResponseTypes') ?? [];
  if (!responses.includes('ReportBatchItemFailures')) {
    throw new Error(`the local cloud expects ReportBatchItemFailures of ${resource.logicalId}`);
  }
  return [
    {
      queueArn: assembly.property<string>(resource, 'EventSourceArn')!,
      functionName: assembly.property<string>(resource, 'FunctionName')!,
      batchSize: assembly.property<number>(resource, 'BatchSize') ?? 10,
      maxConcurrency: scaling?.MaximumConcurrency ?? 1_000,
    },
  ];
}

interface QueueConfiguration {
  readonly Events: string[];
  readonly QueueArn: string;
  readonly Filter?: { Key: { FilterRules: { Name: string; Value: string }[] } };
}

function readNotifications(assembly: Assembly, resource: Resource): NotificationModel[] {
  const bucketName = assembly.property<string>(resource, 'BucketName')!;
  const configuration = assembly.property<Record<string, unknown>>(resource, 'NotificationConfiguration')!;
  const unknown = Object.keys(configuration).find((key) => key !== 'QueueConfigurations');
  if (unknown !== undefined)
    throw new Error(`the local cloud sends S3 notifications to queues, not ${unknown}`);
  return (configuration.QueueConfigurations as QueueConfiguration[]).map(({ Events, QueueArn, Filter }) => {
    const rule = (name: string) =>
      Filter?.Key.FilterRules.find(({ Name }) => Name.toLowerCase() === name)?.Value ?? '';
    return { bucketName, queueArn: QueueArn, events: Events, prefix: rule('prefix'), suffix: rule('suffix') };
  });
}

function readSecret(assembly: Assembly, resource: Resource): SecretModel[] {
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

function readCluster(assembly: Assembly, resource: Resource): ClusterModel[] {
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

function readTrigger(assembly: Assembly, resource: Resource): string[] {
  const handlerArn = assembly.property<string>(resource, 'HandlerArn')!;
  return [handlerArn.split(':').at(-2)!];
}
