import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { LOCAL_PROJECT } from '../../../cli/local-project.ts';
import { tillPolicyOutput, uploaderPolicyOutput } from '../../../lambdas/shared/stacks.ts';
import { readCloudModel } from '../../../local/assembly/read-cloud-model.ts';
import { accessKeyOf } from '../../../local/iam/access-control.ts';
import { ApiClient } from '../../../tools/api-client.ts';
import { TestCloud } from '../../support/test-cloud.ts';

const OWN = 'incoming/store=main/retail_01_01_2024.csv';
const DECISION = 'incoming/decisions/2024-01-01T00:00:00.000Z-retract-00000000.json';
const FOREIGN = 'incoming/store=oslo/retail_01_01_2024.csv';

let cloud: TestCloud;
/** The access key of each function, by its folder, of the uploader and of a till. */
let keys: Record<string, string>;
let secretArns: Record<string, string>;
beforeAll(async () => {
  cloud = await TestCloud.start();
  const model = await readCloudModel(
    inject('assemblyDir'),
    cloud.cloud.running.endpoint,
    LOCAL_PROJECT.leftOutStacks,
  );
  const policyArn = cloud.cloud.running.outputs[uploaderPolicyOutput('main')]!;
  const tillArn = cloud.cloud.running.outputs[tillPolicyOutput('main')]!;
  keys = {
    ...Object.fromEntries(
      model.functions.map(({ name, environment }) => [environment.POWERTOOLS_SERVICE_NAME, name]),
    ),
    uploader: accessKeyOf(policyArn.split('/').at(-1)!),
    till: accessKeyOf(tillArn.split('/').at(-1)!),
  };
  secretArns = Object.fromEntries(model.secrets.map(({ arn, template }) => [template.username!, arn]));
});
afterAll(() => cloud?.stop());

const configOf = (who: string) => ({
  ...cloud.client.access.connection,
  credentials: { accessKeyId: keys[who]!, secretAccessKey: cloud.cloud.keys.secretOf(keys[who]!) },
  maxAttempts: 1,
});
const s3 = (who: string) => new S3Client(configOf(who));
const sqs = (who: string) => new SQSClient(configOf(who));
const bucket = () => ({ Bucket: cloud.client.bucket });
const outputs = () => cloud.client.access.outputs;

const put = (who: string, Key: string, headers: Partial<PutObjectCommandInput> = {}) =>
  s3(who).send(new PutObjectCommand({ ...bucket(), Key, Body: 'id\n', ...headers }));
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
  test('uploads files of their own store', async () => {
    await expect(put('uploader', OWN)).resolves.toMatchObject({ VersionId: expect.any(String) });
  });

  test.each(['STANDARD', 'INTELLIGENT_TIERING'] as const)(
    'uploads files with the storage class %s',
    async (StorageClass) => {
      await expect(put('uploader', OWN, { StorageClass })).resolves.toMatchObject({
        VersionId: expect.any(String),
      });
    },
  );

  test.each<[string, () => Promise<unknown>]>([
    ['drop files of another store', () => put('uploader', FOREIGN)],
    ['drop a file outside of stores', () => put('uploader', 'incoming/retail_01_01_2024.csv')],
    ['decide about files', () => put('uploader', DECISION)],
    ['archive a file', () => put('uploader', OWN, { StorageClass: 'GLACIER' })],
    ['choose another encryption', () => put('uploader', OWN, { ServerSideEncryption: 'aws:kms' })],
    [
      'encrypt with its own key',
      () =>
        put('uploader', OWN, {
          SSECustomerAlgorithm: 'AES256',
          SSECustomerKey: Buffer.alloc(32).toString('base64'),
          SSECustomerKeyMD5: 'cLxn4pRRNC3wYcdOFf5lPg==',
        }),
    ],
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
    ['read a secret', () => readSecret('uploader', 'retail_operator')],
    ['ask the database', () => execute('uploader', 'retail_operator')],
  ])('cannot %s', async (_, call) => {
    await expect(call()).rejects.toThrow(/Access ?Denied|not authorized to perform/);
  });
});

describe('a till', () => {
  /** Sends a signed request without a body to the HTTP API. */
  const call = async (route: string) => {
    const [method = '', path = ''] = route.split(' ');
    using api = new ApiClient(() => cloud.cloud.running);
    return (await api.request(method, path, { accessKeyId: keys.till })).status;
  };

  test('reaches the routes of its store', async () => {
    expect(await call('POST /stores/main/tickets')).toBe(201);
    expect(await call('POST /stores/main/transactions')).toBe(415);
  });

  test.each([
    'POST /stores/oslo/tickets',
    'POST /stores/oslo/transactions',
    'POST /stores/oslo/uploads',
    'GET /stores/oslo/receipts/00000000-0000-8000-8000-000000000000',
    'GET /uploads',
    'GET /status',
    'GET /openapi.json',
  ])('cannot call %s', async (route) => {
    expect(await call(route)).toBe(403);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['drop a file itself', () => put('till', OWN)],
    ['read a file', () => get('till', OWN)],
    ['read a secret', () => readSecret('till', 'retail_operator')],
    ['ask the database', () => execute('till', 'retail_api')],
  ])('cannot %s', async (_, attempt) => {
    await expect(attempt()).rejects.toThrow(/Access ?Denied|not authorized to perform/);
  });
});

describe('a function', () => {
  test.each<[who: string, what: string, call: () => Promise<unknown>]>([
    ['load', 'read the bucket', () => get('load', OWN)],
    ['load', 'list the bucket', () => list('load')],
    ['load', 'read the secret of the migrator', () => readSecret('load', 'retail_migrator')],
    ['load', 'ask the database as the operator', () => execute('load', 'retail_operator')],
    [
      'load',
      'send to its own queue',
      () => sqs('load').send(new SendMessageCommand({ QueueUrl: outputs().rowQueueUrl, MessageBody: '{}' })),
    ],
    [
      'load',
      'empty its queue',
      () => sqs('load').send(new PurgeQueueCommand({ QueueUrl: outputs().rowQueueUrl })),
    ],
    ['parse', 'ask the database', () => execute('parse', 'retail_loader')],
    ['parse', 'read a secret', () => readSecret('parse', 'retail_loader')],
    ['parse', 'change what was dropped', () => put('parse', OWN)],
    ['parse', 'decide about files', () => put('parse', DECISION)],
    ['parse', 'delete what was dropped', () => remove('parse', OWN)],
    [
      'parse',
      'read the row queue',
      () => sqs('parse').send(new ReceiveMessageCommand({ QueueUrl: outputs().rowQueueUrl })),
    ],
    ['api', 'read a dropped file', () => get('api', OWN)],
    ['api', 'decide about files', () => put('api', DECISION)],
    ['api', 'list the files', () => list('api')],
    ['api', 'write the result of a check', () => put('api', 'checks/sweep.json')],
    ['api', 'use up a ticket', () => put('api', 'calls/tickets/a')],
    ['api', 'ask the database as the operator', () => execute('api', 'retail_operator')],
    [
      'api',
      'receive the messages of the parser',
      () => sqs('api').send(new ReceiveMessageCommand({ QueueUrl: outputs().uploadQueueUrl })),
    ],
    ['authorize', 'read a file', () => get('authorize', OWN)],
    ['authorize', 'list the bucket', () => list('authorize')],
    ['authorize', 'forget an idempotency key', () => put('authorize', 'calls/store=main/a')],
    ['collect', 'read a file', () => get('collect', OWN)],
    ['collect', 'decide about files', () => put('collect', DECISION)],
    ['collect', 'drop a file beside those of calls', () => put('collect', OWN)],
    [
      'collect',
      'send to the parser',
      () =>
        sqs('collect').send(
          new SendMessageCommand({ QueueUrl: outputs().uploadQueueUrl, MessageBody: '{}' }),
        ),
    ],
    ['notify', 'read a dropped file', () => get('notify', OWN)],
    ['notify', 'drop a file', () => put('notify', OWN)],
    ['notify', 'delete a receipt', () => remove('notify', 'receipts/store=main/a.json')],
    ['notify', 'list the bucket', () => list('notify')],
    ['notify', 'ask the database as the loader', () => execute('notify', 'retail_loader')],
    ['sweep', 'read a file', () => get('sweep', OWN)],
    ['sweep', 'write the result of the verifier', () => put('sweep', 'checks/verify.json')],
    ['sweep', 'ask the database as the loader', () => execute('sweep', 'retail_loader')],
    ['verify', 'list the bucket', () => list('verify')],
    ['verify', 'read a dropped file', () => get('verify', OWN)],
    ['verify', 'write a receipt', () => put('verify', 'receipts/store=main/a.json')],
    ['verify', 'write the result of the sweeper', () => put('verify', 'checks/sweep.json')],
    ['verify', 'ask the database as the migrator', () => execute('verify', 'retail_migrator')],
    ['rotate', 'read the bucket', () => get('rotate', OWN)],
    [
      'rotate',
      'send to the row queue',
      () =>
        sqs('rotate').send(new SendMessageCommand({ QueueUrl: outputs().rowQueueUrl, MessageBody: '{}' })),
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

  test('such as the loader may run statements as retail_loader, which may not select', async () => {
    await expect(execute('load', 'retail_loader')).rejects.toThrow(
      'permission denied for table transactions',
    );
  });
});

test('no caller reaches bucket or queues without TLS, not even the operator', () => {
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
