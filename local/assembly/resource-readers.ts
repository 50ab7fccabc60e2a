import type { Statement } from '../iam/policy.ts';
import type {
  BucketModel,
  ClusterModel,
  EncryptionModel,
  EventSourceModel,
  FunctionModel,
  ManagedPolicyModel,
  NotificationModel,
  QueueModel,
  ResourcePolicyModel,
  RotationModel,
  ScheduleModel,
  SecretModel,
  TelemetryModel,
} from './cloud-model.ts';
import { arn, nameOf } from './physical-names.ts';
import type { Assembly, Resource } from './template.ts';

export function readFunction(assembly: Assembly, resource: Resource): FunctionModel[] {
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

export function readTelemetry(assembly: Assembly, resource: Resource): TelemetryModel[] {
  const functionName = nameOf(resource);
  const group = assembly.property<{ LogGroup?: string }>(resource, 'LoggingConfig')?.LogGroup;
  // As a policy names it: with its streams.
  const logGroupArn = `${arn('logs', `log-group:${group ?? `/aws/lambda/${functionName}`}`)}:*`;
  const isTraced = assembly.property<{ Mode: string }>(resource, 'TracingConfig')?.Mode === 'Active';
  return [{ functionName, logGroupArn, isTraced }];
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

export function readManagedPolicy(assembly: Assembly, resource: Resource): ManagedPolicyModel[] {
  for (const unknown of ['Groups', 'Roles', 'Users']) {
    if (assembly.property(resource, unknown) !== undefined) {
      throw new Error(`the local cloud does not read ${unknown} of managed policy ${resource.logicalId}`);
    }
  }
  const name = assembly.ref(resource).split('/').at(-1)!;
  return [{ name, statements: documentOf(assembly, resource) }];
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

export function readQueuePolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const urls = assembly.property<string[]>(resource, 'Queues')!;
  const statements = documentOf(assembly, resource);
  return urls.map((url) => ({ resourceArn: arn('sqs', url.split('/').at(-1)!), statements }));
}

export function readBucketPolicy(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const resourceArn = `arn:aws:s3:::${assembly.property<string>(resource, 'Bucket')}`;
  return [{ resourceArn, statements: documentOf(assembly, resource) }];
}

/** Who may call a function. */
export function readPermission(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const name = assembly.property<string>(resource, 'FunctionName')!;
  const resourceArn = name.startsWith('arn:') ? name : arn('lambda', `function:${name}`);
  const conditions = {
    'aws:SourceArn': assembly.property<string>(resource, 'SourceArn'),
    'aws:SourceAccount': assembly.property<string>(resource, 'SourceAccount'),
  };
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined);
  const statement: Statement = {
    Effect: 'Allow',
    Action: assembly.property<string>(resource, 'Action')!,
    Resource: resourceArn,
    Principal: { Service: assembly.property<string>(resource, 'Principal')! },
    ...(given.length > 0 && { Condition: { ArnLike: Object.fromEntries(given) as Record<string, string> } }),
  };
  return [{ resourceArn, statements: [statement] }];
}

/** Who may use a key. In the policy of a key "*" is the key. */
export function readKey(assembly: Assembly, resource: Resource): ResourcePolicyModel[] {
  const { Statement: statements } = assembly.property<{ Statement: Statement[] }>(resource, 'KeyPolicy')!;
  return [{ resourceArn: assembly.attribute(resource, 'Arn'), statements }];
}

export function readEventSource(assembly: Assembly, resource: Resource): EventSourceModel[] {
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

const SECONDS_PER: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400 };

export function readSchedule(assembly: Assembly, resource: Resource): ScheduleModel[] {
  if (assembly.property(resource, 'EventPattern') !== undefined) {
    throw new Error(`the local cloud sends no events, and ${resource.logicalId} waits for some`);
  }
  if (assembly.property(resource, 'State') === 'DISABLED') return [];
  const expression = assembly.property<string>(resource, 'ScheduleExpression') ?? '';
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const everySeconds = Number(count) * (SECONDS_PER[unit] ?? 0);
  // Not a number, zero, or more than a timer of Node can wait.
  if (!(everySeconds > 0 && everySeconds * 1_000 < 2 ** 31)) {
    throw new Error(
      `the local cloud knows schedules at a rate of up to 24 days, and ${resource.logicalId} is "${expression}"`,
    );
  }
  const targets = assembly.property<{ Arn: string }[]>(resource, 'Targets') ?? [];
  const other = targets.find(
    (target) =>
      !target.Arn.startsWith('arn:aws:lambda:') ||
      'Input' in target ||
      'InputPath' in target ||
      'InputTransformer' in target,
  );
  if (other !== undefined) {
    throw new Error(
      `${resource.logicalId}: the local cloud calls functions without input by schedule, and not ${other.Arn}`,
    );
  }
  const ruleArn = assembly.attribute(resource, 'Arn');
  return [{ ruleArn, functionArns: targets.map(({ Arn }) => Arn), everySeconds }];
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

export function readTrigger(assembly: Assembly, resource: Resource): string[] {
  const handlerArn = assembly.property<string>(resource, 'HandlerArn')!;
  return [handlerArn.split(':').at(-2)!];
}
