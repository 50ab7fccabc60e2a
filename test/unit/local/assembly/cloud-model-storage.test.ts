import { describe, expect, it } from 'vitest';
import { type CloudModel, readCloudModel } from '../../../../local/assembly/read-cloud-model.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { type StackTemplate, writeAssembly } from './written-assembly.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:app-jobs';
const dir = temporaryDir();

async function read(Resources: StackTemplate['Resources']): Promise<CloudModel> {
  return readCloudModel(await writeAssembly(dir, { App: { Resources } }), 'http://127.0.0.1:4566');
}

const versioned = { VersioningConfiguration: { Status: 'Enabled' } };
const bucket = (Properties: object = versioned) => ({ Type: 'AWS::S3::Bucket', Properties });
const jobs = { Type: 'AWS::SQS::Queue' };

describe('a bucket', () => {
  it('must be versioned', async () => {
    expect((await read({ Uploads: bucket() })).buckets).toEqual([
      { name: 'app-uploads', arn: 'arn:aws:s3:::app-uploads' },
    ]);
    await expect(read({ Uploads: bucket({}) })).rejects.toThrow(
      'versioned buckets only, and Uploads is none',
    );
  });

  const notifications = (NotificationConfiguration: object) => ({
    Uploads: bucket(),
    Jobs: jobs,
    Notifications: {
      Type: 'Custom::S3BucketNotifications',
      Properties: { BucketName: { Ref: 'Uploads' }, NotificationConfiguration },
    },
  });

  it('notifies a queue of the keys that match the filter', async () => {
    const FilterRules = [
      { Name: 'suffix', Value: '.csv' },
      { Name: 'Prefix', Value: 'sales/' },
    ];
    const configuration = {
      Events: ['s3:ObjectCreated:*'],
      QueueArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
      Filter: { Key: { FilterRules } },
    };
    const model = await read(notifications({ QueueConfigurations: [configuration] }));
    expect(model.notifications).toEqual([
      {
        bucketName: 'app-uploads',
        queueArn: QUEUE,
        events: ['s3:ObjectCreated:*'],
        prefix: 'sales/',
        suffix: '.csv',
      },
    ]);
  });

  it('is refused if it notifies anything but a queue', async () => {
    await expect(read(notifications({ TopicConfigurations: [] }))).rejects.toThrow('not TopicConfigurations');
  });
});

describe('a resource policy', () => {
  it('applies to the bucket or queue that it names', async () => {
    const Statement = [{ Effect: 'Deny', Action: '*', Resource: '*', Principal: '*' }];
    const model = await read({
      Uploads: bucket(),
      Jobs: jobs,
      OfBucket: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: { Ref: 'Uploads' }, PolicyDocument: { Statement } },
      },
      OfQueue: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'Jobs' }], PolicyDocument: { Statement } },
      },
    });
    expect(model.resourcePolicies).toEqual([
      { resourceArn: QUEUE, statements: Statement },
      { resourceArn: 'arn:aws:s3:::app-uploads', statements: Statement },
    ]);
  });
});

describe('a database cluster', () => {
  const cluster = (changes: object = {}) => ({
    Type: 'AWS::RDS::DBCluster',
    Properties: { DatabaseName: 'retail', MasterUsername: 'master', EnableHttpEndpoint: true, ...changes },
  });

  it('is identified by its ARN, and must have the Data API', async () => {
    expect((await read({ Db: cluster() })).clusters).toEqual([
      {
        arn: 'arn:aws:rds:us-east-1:000000000000:cluster:app-db',
        databaseName: 'retail',
        masterUsername: 'master',
      },
    ]);
    await expect(read({ Db: cluster({ EnableHttpEndpoint: false }) })).rejects.toThrow(
      'the Data API is not enabled on Db',
    );
  });

  it('has secrets with generated passwords', async () => {
    const generate = {
      SecretStringTemplate: '{"username":"consumer"}',
      GenerateStringKey: 'password',
      PasswordLength: 30,
    };
    const secret = (GenerateSecretString?: object) => ({
      Type: 'AWS::SecretsManager::Secret',
      Properties: { GenerateSecretString },
    });
    expect((await read({ Login: secret(generate) })).secrets).toEqual([
      {
        arn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-login',
        template: { username: 'consumer' },
        passwordLength: 30,
      },
    ]);
    await expect(read({ Login: secret() })).rejects.toThrow('Login is none');
  });

  it('has secrets that a function rotates after a number of days, and no other rotation', async () => {
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:rotator';
    const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:app-login';
    const schedule = (more: object) => ({
      Type: 'AWS::SecretsManager::RotationSchedule',
      Properties: { SecretId: secretArn, RotationLambdaARN: functionArn, ...more },
    });
    const days = { RotationRules: { AutomaticallyAfterDays: 30 } };
    expect((await read({ Turn: schedule(days) })).rotations).toEqual([
      { secretArn, functionArn, everyDays: 30 },
    ]);
    const others = [
      { ...days, RotationLambdaARN: undefined },
      { RotationRules: { ScheduleExpression: 'rate(30 days)' } },
      {},
    ];
    for (const other of others) {
      await expect(read({ Turn: schedule(other) })).rejects.toThrow('Turn wants another way');
    }
  });
});
