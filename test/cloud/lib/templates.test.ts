import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';

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
  functions.filter(({ Properties }) => 'LoggingConfig' in Properties);

describe('what must survive', () => {
  test('the bucket keeps every version, encrypted, closed to the public, and outlives the stack', () => {
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

  test('the database is Aurora PostgreSQL 18.4, Serverless v2, encrypted, behind the Data API', () => {
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

  test('the network has no way out, and nothing that costs by the hour', () => {
    const types = data.map(({ Type }) => Type);
    expect(types).toContain('AWS::EC2::VPC');
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::InternetGateway', 'AWS::EC2::VPCEndpoint']) {
      expect(types).not.toContain(type);
    }
  });

  test('no function and no queue is in this stack', () => {
    const types = new Set(data.map(({ Type }) => Type));
    expect(types).not.toContain('AWS::Lambda::Function');
    expect(types).not.toContain('AWS::SQS::Queue');
  });
});

describe('what can be deployed again', () => {
  test('every function runs on Node 24 and arm64, traced, with a role and a log group of its own', () => {
    const functions = oursOnly(ofType(pipeline, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    expect(functions).toHaveLength(6);
    for (const properties of functions) {
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
      expect(properties).not.toHaveProperty('VpcConfig');
    }
    const distinct = (name: string) =>
      new Set(functions.map((properties) => JSON.stringify(properties[name]))).size;
    expect([distinct('Role'), distinct('LoggingConfig')]).toEqual([6, 6]);
    for (const { Properties } of ofType(pipeline, 'AWS::Logs::LogGroup')) {
      expect(Properties).toMatchObject({ RetentionInDays: 14 });
    }
  });

  test('every queue refuses plain connections and keeps messages as long as SQS can', () => {
    const queues = ofType(pipeline, 'AWS::SQS::Queue');
    expect(queues).toHaveLength(4);
    for (const { Properties } of queues) {
      expect(Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
    }
    expect(ofType(pipeline, 'AWS::SQS::QueuePolicy')).toHaveLength(4);
  });

  test('a message stays invisible for six times its function’s timeout, and for half an hour at least', () => {
    const mappings = ofType(pipeline, 'AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
    expect(mappings.map(({ BatchSize }) => Number(BatchSize)).sort()).toEqual([1, 4]);
    const visibility = ofType(pipeline, 'AWS::SQS::Queue')
      .filter(({ Properties }) => 'RedrivePolicy' in Properties)
      .map(({ Properties }) => Number(Properties.VisibilityTimeout))
      .sort();
    expect(visibility).toEqual([1_800, 900 * 6]);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: expect.any(Number) },
      });
    }
  });

  test('the sweeper comes every 15 minutes and the verifier every day', () => {
    const rules = ofType(pipeline, 'AWS::Events::Rule').map(({ Properties }) => Properties);
    expect(rules.map(({ ScheduleExpression }) => ScheduleExpression).sort()).toEqual([
      'rate(1 day)',
      'rate(15 minutes)',
    ]);
    expect(
      ofType(pipeline, 'AWS::Lambda::Permission').filter(
        ({ Properties }) => Properties.Principal === 'events.amazonaws.com',
      ),
    ).toHaveLength(2);
  });

  test('the sweeper lists what was dropped and nothing else', () => {
    const statements = ofType(pipeline, 'AWS::IAM::Policy').flatMap(({ Properties }) => {
      return (Properties.PolicyDocument as { Statement: { Action: unknown; Condition?: unknown }[] })
        .Statement;
    });
    expect(statements.filter(({ Action }) => Action === 's3:ListBucketVersions')).toMatchObject([
      { Condition: { StringEquals: { 's3:prefix': 'incoming/' } } },
    ]);
  });

  test('no role of ours has a wildcard but for tracing, which knows no resources', () => {
    const policies = ofType(pipeline, 'AWS::IAM::Policy').filter(({ Properties }) =>
      JSON.stringify(Properties).includes('xray:'),
    );
    expect(policies).toHaveLength(6);
    for (const { Properties } of policies) {
      const { Statement } = Properties.PolicyDocument as {
        Statement: { Action: string | string[]; Resource: unknown }[];
      };
      const broad = Statement.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
      expect(broad).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
      expect(Statement.flatMap(({ Action }) => Action).filter((action) => action.includes('*'))).toEqual([]);
    }
  });

  test('the secret of every role is rotated every 30 days, after the migration and not at once', () => {
    const schedules = ofType(pipeline, 'AWS::SecretsManager::RotationSchedule');
    const secretsOf = (resources: Resource[], name: string) =>
      resources.map(({ Properties }) => JSON.stringify(Properties[name])).sort();
    expect(schedules).toHaveLength(ofType(data, 'AWS::SecretsManager::Secret').length);
    expect(new Set(secretsOf(schedules, 'SecretId')).size).toBe(schedules.length);
    for (const { Properties, DependsOn } of schedules) {
      expect(Properties).toMatchObject({
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediatelyOnUpdate: false,
      });
      expect(DependsOn).toContainEqual(expect.stringMatching(/^SchemaMigration/));
      expect(DependsOn).toContainEqual(expect.stringMatching(/^Rotation.*Permission/));
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
