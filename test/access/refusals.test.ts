import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { uploaderPolicyOutput } from '../../lambdas/contract/stack-outputs.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { accessKeyOf } from '../../local/iam/add-policies.ts';
import { TestCloud } from '../end-to-end/test-cloud.ts';

const OWN = 'incoming/store=main/retail_01_01_2024.csv';
const FOREIGN = 'incoming/store=oslo/retail_01_01_2024.csv';

let cloud: TestCloud;
/** The access key of each function, by its folder, and of the uploader. */
let keys: Record<string, string>;
let secretArns: Record<string, string>;
beforeAll(async () => {
  cloud = await TestCloud.start();
  const model = await readCloudModel(inject('assemblyDir'), cloud.cloud.running.endpoint);
  const policyArn = cloud.cloud.running.outputs[uploaderPolicyOutput('main')]!;
  keys = {
    ...Object.fromEntries(
      model.functions.map(({ name, environment }) => [environment.POWERTOOLS_SERVICE_NAME, name]),
    ),
    uploader: accessKeyOf(policyArn.split('/').at(-1)!),
  };
  secretArns = Object.fromEntries(model.secrets.map(({ arn, template }) => [template.username!, arn]));
});
afterAll(() => cloud?.stop());

const configOf = (who: string) => ({
  ...cloud.client.access.connection,
  credentials: { accessKeyId: keys[who]!, secretAccessKey: 'local' },
  maxAttempts: 1,
});
const s3 = (who: string) => new S3Client(configOf(who));
const sqs = (who: string) => new SQSClient(configOf(who));
const bucket = () => ({ Bucket: cloud.client.bucket });
const outputs = () => cloud.client.access.outputs;

const put = (who: string, Key: string) =>
  s3(who).send(new PutObjectCommand({ ...bucket(), Key, Body: 'id\n' }));
const get = (who: string, Key: string) => s3(who).send(new GetObjectCommand({ ...bucket(), Key }));
const remove = (who: string, Key: string) => s3(who).send(new DeleteObjectCommand({ ...bucket(), Key }));
const list = (who: string) => s3(who).send(new ListObjectsV2Command(bucket()));
const readSecret = (who: string, username: string) =>
  new SecretsManagerClient(configOf(who)).send(
    new GetSecretValueCommand({ SecretId: secretArns[username]! }),
  );
const execute = (who: string, username: string) =>
  new RDSDataClient(configOf(who)).send(
    new ExecuteStatementCommand({
      resourceArn: outputs().clusterArn,
      secretArn: secretArns[username]!,
      database: outputs().databaseName,
      sql: 'SELECT count(*) FROM transactions',
    }),
  );

describe('an uploader', () => {
  test('drops files of its own store', async () => {
    await expect(put('uploader', OWN)).resolves.toMatchObject({ VersionId: expect.any(String) });
  });

  test.each<[string, () => Promise<unknown>]>([
    ['drop files of another store', () => put('uploader', FOREIGN)],
    ['drop a file outside of stores', () => put('uploader', 'incoming/retail_01_01_2024.csv')],
    ['write rejected rows', () => put('uploader', 'rejected/store=main/a.csv')],
    ['read what it dropped', () => get('uploader', OWN)],
    ['delete what it dropped', () => remove('uploader', OWN)],
    ['list the bucket', () => list('uploader')],
    [
      'send to the parser',
      () =>
        sqs('uploader').send(
          new SendMessageCommand({ QueueUrl: outputs().uploadQueueUrl, MessageBody: '{}' }),
        ),
    ],
    ['read a secret', () => readSecret('uploader', 'retail_analyst')],
    ['ask the database', () => execute('uploader', 'retail_analyst')],
  ])('cannot %s', async (_, call) => {
    await expect(call()).rejects.toThrow(/Access ?Denied|not authorized to perform/);
  });
});

describe('a function', () => {
  test.each<[who: string, what: string, call: () => Promise<unknown>]>([
    ['consumer', 'read the bucket', () => get('consumer', OWN)],
    ['consumer', 'list the bucket', () => list('consumer')],
    ['consumer', 'read the secret of the migrator', () => readSecret('consumer', 'retail_migrator')],
    ['consumer', 'ask the database as the analyst', () => execute('consumer', 'retail_analyst')],
    [
      'consumer',
      'send to its own queue',
      () =>
        sqs('consumer').send(new SendMessageCommand({ QueueUrl: outputs().rowQueueUrl, MessageBody: '{}' })),
    ],
    [
      'consumer',
      'empty its queue',
      () => sqs('consumer').send(new PurgeQueueCommand({ QueueUrl: outputs().rowQueueUrl })),
    ],
    ['parser', 'ask the database', () => execute('parser', 'retail_loader')],
    ['parser', 'read a secret', () => readSecret('parser', 'retail_loader')],
    ['parser', 'change what was dropped', () => put('parser', OWN)],
    ['parser', 'delete what was dropped', () => remove('parser', OWN)],
    [
      'parser',
      'read the row queue',
      () => sqs('parser').send(new ReceiveMessageCommand({ QueueUrl: outputs().rowQueueUrl })),
    ],
    ['sweeper', 'read a file', () => get('sweeper', OWN)],
    ['sweeper', 'ask the database as the loader', () => execute('sweeper', 'retail_loader')],
    ['verifier', 'list the bucket', () => list('verifier')],
    ['verifier', 'ask the database as the migrator', () => execute('verifier', 'retail_migrator')],
    ['rotator', 'read the bucket', () => get('rotator', OWN)],
    [
      'rotator',
      'send to the row queue',
      () =>
        sqs('rotator').send(new SendMessageCommand({ QueueUrl: outputs().rowQueueUrl, MessageBody: '{}' })),
    ],
    [
      'migrate',
      'read the secret in which the rotator tries passwords',
      () => readSecret('migrate', 'retail_probe'),
    ],
    ['migrate', 'read the bucket', () => get('migrate', OWN)],
  ])('such as the %s cannot %s', async (_who, _what, call) => {
    await expect(call()).rejects.toThrow(/Access ?Denied|not authorized to perform/);
  });

  test('such as the consumer may run statements as the loader, who may not select', async () => {
    await expect(execute('consumer', 'retail_loader')).rejects.toThrow(
      'permission denied for table transactions',
    );
  });
});

test('nobody reaches bucket or queues without TLS, not even the operator', () => {
  const operator = { arn: 'operator', kind: 'operator', statements: [] } as const;
  const plain = { 'aws:SecureTransport': 'false' };
  const file = `arn:aws:s3:::${cloud.client.bucket}/${OWN}`;
  const queue = `arn:aws:sqs:us-east-1:000000000000:${outputs().rowQueueUrl.split('/').at(-1)}`;
  const { access } = cloud.cloud;
  expect(() => access.authorize(operator, 's3:GetObject', file, plain)).toThrow(
    'resource-based policy denies',
  );
  expect(() => access.authorize(operator, 'sqs:SendMessage', queue, plain)).toThrow(
    'resource-based policy denies',
  );
});
