import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { FUNCTION_FOLDERS } from '../../support/function-folders.ts';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}
let data: Resource[];
let pipeline: Resource[];

beforeAll(async () => {
  const load = async (name: string): Promise<Resource[]> => {
    const text = await readFile(join(inject('assemblyDir'), `${name}.template.json`), 'utf8');
    return Object.values((JSON.parse(text) as { Resources: Record<string, Resource> }).Resources);
  };
  [data, pipeline] = [await load('RetailData'), await load('RetailPipeline')];
});

const ofType = (resources: Resource[], type: string) => resources.filter(({ Type }) => Type === type);
const oursOnly = (functions: Resource[]) =>
  functions.filter(({ Properties }) => 'TracingConfig' in Properties);

describe('the data stack', () => {
  test('the upload bucket deletes nothing but unfinished multipart uploads, old results of checks and what the API keeps for days', () => {
    const [bucket] = ofType(data, 'AWS::S3::Bucket').filter(
      ({ Properties }) => 'LoggingConfiguration' in Properties,
    );
    expect(bucket!.Properties.LifecycleConfiguration).toEqual({
      Rules: [
        { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }, Status: 'Enabled' },
        { Prefix: 'checks/', NoncurrentVersionExpiration: { NoncurrentDays: 1 }, Status: 'Enabled' },
        {
          Prefix: 'calls/',
          ExpirationInDays: 7,
          NoncurrentVersionExpiration: { NoncurrentDays: 1 },
          Status: 'Enabled',
        },
        { Prefix: 'calls/', ExpiredObjectDeleteMarker: true, Status: 'Enabled' },
      ],
    });
  });

  test('the bucket keeps every version, is encrypted and closed to the public, and outlives the stack', () => {
    const [bucket] = ofType(data, 'AWS::S3::Bucket');
    expect(bucket).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
  });

  test('the database is Aurora PostgreSQL 18.4, Serverless v2, encrypted, with the Data API', () => {
    const [cluster] = ofType(data, 'AWS::RDS::DBCluster');
    expect(cluster).toMatchObject({
      DeletionPolicy: 'Snapshot',
      Properties: {
        Engine: 'aurora-postgresql',
        EngineVersion: '18.4',
        EnableHttpEndpoint: true,
        StorageEncrypted: true,
        DeletionProtection: false,
        ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 600 },
      },
    });
  });

  test('the network has no route to the outside, and no resource that costs by the hour', () => {
    const types = data.map(({ Type }) => Type);
    expect(types).toContain('AWS::EC2::VPC');
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::VPCEndpoint']) {
      expect(types).not.toContain(type);
    }
  });

  test('the stack has no function and no queue', () => {
    const types = new Set(data.map(({ Type }) => Type));
    expect(types).not.toContain('AWS::Lambda::Function');
    expect(types).not.toContain('AWS::SQS::Queue');
  });
});

describe('the pipeline stack', () => {
  /** True for a function that API Gateway calls. */
  const isAnswering = (properties: object) =>
    /"POWERTOOLS_SERVICE_NAME":"(api|authorize)"/.test(JSON.stringify(properties));

  test('every function runs on Node 24 and arm64, with tracing and its own role and log group', () => {
    const functions = oursOnly(ofType(pipeline, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    expect(functions).toHaveLength(FUNCTION_FOLDERS.length);
    for (const properties of functions) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        // At low rates, traces of the API's calls would cost more than the calls.
        TracingConfig: { Mode: isAnswering(properties) ? 'PassThrough' : 'Active' },
      });
      expect(properties).not.toHaveProperty('VpcConfig');
    }
    const distinct = (name: string) =>
      new Set(functions.map((properties) => JSON.stringify(properties[name]))).size;
    expect([distinct('Role'), distinct('LoggingConfig')]).toEqual([
      FUNCTION_FOLDERS.length,
      FUNCTION_FOLDERS.length,
    ]);
    for (const { Properties } of ofType(pipeline, 'AWS::Logs::LogGroup')) {
      expect(Properties).toMatchObject({ RetentionInDays: 14 });
    }
  });

  test('the functions of the CDK have a log group with the retention of the settings', () => {
    const others = ofType(pipeline, 'AWS::Lambda::Function').filter((fn) => !oursOnly([fn]).includes(fn));
    expect(others).toHaveLength(2);
    for (const { Properties } of others) {
      expect(Properties.LoggingConfig).toEqual({ LogGroup: { Ref: expect.stringMatching(/Logs/) } });
    }
    const groups = ofType(pipeline, 'AWS::Logs::LogGroup');
    const accessLogs = 1;
    expect(groups).toHaveLength(FUNCTION_FOLDERS.length + others.length + accessLogs);
  });

  test('only the function that sends messages to its own queue may be called in a loop', () => {
    const allowed = ofType(pipeline, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.RecursiveLoop === 'Allow',
    );
    expect(allowed.map(({ Properties }) => Properties.Description)).toEqual([
      expect.stringContaining('Validates the rows of an upload'),
    ]);
  });

  test('every queue refuses plain connections, and keeps messages for the maximum time and size of SQS', () => {
    const queues = ofType(pipeline, 'AWS::SQS::Queue');
    expect(queues).toHaveLength(8);
    for (const { Properties } of queues) {
      expect(Properties).toMatchObject({
        MessageRetentionPeriod: 1_209_600,
        MaximumMessageSize: 1_048_576,
        SqsManagedSseEnabled: true,
      });
    }
    expect(ofType(pipeline, 'AWS::SQS::QueuePolicy')).toHaveLength(8);
  });

  test('only S3, for the upload bucket of the same account, may send events to the upload queue', () => {
    const policies = ofType(pipeline, 'AWS::SQS::QueuePolicy').map(
      ({ Properties }) => Properties.PolicyDocument as { Statement: Record<string, unknown>[] },
    );
    const statements = policies.flatMap(({ Statement }) =>
      Statement.filter(({ Effect }) => Effect === 'Allow'),
    );
    expect(statements).toEqual([
      {
        Sid: 'SendEvents',
        Effect: 'Allow',
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^ParseUploadsQueue/), 'Arn'] },
        Condition: {
          ArnEquals: {
            'aws:SourceArn': {
              'Fn::GetStackOutput': {
                StackName: 'retail-dev-data',
                OutputName: expect.stringMatching(/UploadBucket.*Arn/),
                Region: { Ref: 'AWS::Region' },
              },
            },
          },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      },
    ]);
  });

  test('a message stays invisible for six times its function’s timeout, and for half an hour at least', () => {
    const mappings = ofType(pipeline, 'AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
    expect(mappings.map(({ BatchSize }) => Number(BatchSize)).sort()).toEqual([1, 10, 1_000, 4]);
    const visibility = ofType(pipeline, 'AWS::SQS::Queue')
      .filter(({ Properties }) => 'RedrivePolicy' in Properties)
      .map(({ Properties }) => Number(Properties.VisibilityTimeout))
      .sort();
    expect(visibility).toEqual([1_800, 1_800, 1_800, 900 * 6]);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: expect.any(Number) },
      });
    }
  });

  test('the sweeper runs every 15 minutes and the verifier every day', () => {
    const rules = ofType(pipeline, 'AWS::Events::Rule');
    const rateOf = (step: string) =>
      rules.find(({ Properties }) => JSON.stringify(Properties.Targets).includes(`"${step}Function`))
        ?.Properties.ScheduleExpression;
    expect([rateOf('Sweep'), rateOf('Verify')]).toEqual(['rate(15 minutes)', 'rate(1 day)']);
    expect(
      ofType(pipeline, 'AWS::Lambda::Permission').filter(
        ({ Properties }) => Properties.Principal === 'events.amazonaws.com',
      ),
    ).toHaveLength(rules.length);
  });

  test('the sweeper lists the incoming prefix and nothing else', () => {
    const statements = ofType(pipeline, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
      return (Properties.PolicyDocument as { Statement: { Action: unknown; Condition?: unknown }[] })
        .Statement;
    });
    expect(statements.filter(({ Action }) => Action === 's3:ListBucketVersions')).toMatchObject([
      { Condition: { StringEquals: { 's3:prefix': 'incoming/' } } },
    ]);
  });

  test('the verifier lists and reads receipts, and writes its result and no other object', () => {
    const policy = ofType(pipeline, 'AWS::IAM::Policy').find(({ Properties }) =>
      JSON.stringify(Properties.Roles).includes('VerifyFunctionRole'),
    );
    const { Statement } = policy!.Properties.PolicyDocument as {
      Statement: { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
    };
    const [list, read, write, ...others] = Statement.filter(({ Action }) =>
      JSON.stringify(Action).includes('s3:'),
    );
    expect(list).toMatchObject({
      Action: 's3:ListBucket',
      Condition: { StringEquals: { 's3:prefix': 'receipts/' } },
    });
    expect(read!.Action).toBe('s3:GetObject');
    expect(JSON.stringify(read!.Resource)).toContain('/receipts/*');
    expect(write!.Action).toBe('s3:PutObject');
    expect(JSON.stringify(write!.Resource)).toContain('/checks/verify.json');
    expect(others).toEqual([]);
  });

  test('no role of a function has a wildcard except for tracing, which has no resource level', () => {
    const policies = ofType(pipeline, 'AWS::IAM::Policy').filter(({ Properties }) =>
      JSON.stringify(Properties).includes('xray:'),
    );
    expect(policies).toHaveLength(FUNCTION_FOLDERS.length);
    for (const { Properties } of policies) {
      const { Statement } = Properties.PolicyDocument as {
        Statement: { Action: string | string[]; Resource: unknown }[];
      };
      const broad = Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
      expect(broad).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
      expect(Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  test('the secret of every role is rotated every 30 days, and not during the deployment', () => {
    const schedules = ofType(pipeline, 'AWS::SecretsManager::RotationSchedule');
    const secretsOf = (resources: Resource[], name: string) =>
      resources.map(({ Properties }) => JSON.stringify(Properties[name])).sort();
    const passwords = ofType(data, 'AWS::SecretsManager::Secret').filter(
      ({ Properties }) => !String(Properties.Description).startsWith('Signs'),
    );
    expect(schedules).toHaveLength(passwords.length);
    expect(new Set(secretsOf(schedules, 'SecretId')).size).toBe(schedules.length);
    for (const { Properties, DependsOn } of schedules) {
      expect(Properties).toMatchObject({
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediatelyOnUpdate: false,
      });
      expect(DependsOn).toContainEqual(expect.stringMatching(/^MigrateMigration/));
      expect(DependsOn).toContainEqual(expect.stringMatching(/^Rotate.*Permission/));
    }
    const permissions = ofType(pipeline, 'AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties.Principal === 'secretsmanager.amazonaws.com',
    );
    expect(secretsOf(permissions, 'SourceArn')).toEqual(secretsOf(schedules, 'SecretId'));
    for (const { Properties } of permissions) {
      expect(Properties.SourceAccount).toEqual({ Ref: 'AWS::AccountId' });
    }
  });
});
