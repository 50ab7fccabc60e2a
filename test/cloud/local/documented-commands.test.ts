import { readdirSync, readFileSync } from 'node:fs';
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STACK_OUTPUTS } from '../../../lambdas/shared/stacks.ts';
import { TestCloud } from '../../support/test-cloud.ts';
import { type RawRequest, sendSigned } from '../../unit/local/sign-request.ts';

const root = new URL('../../../', import.meta.url);
const guides = readdirSync(new URL('docs/', root)).filter((name) => name.endsWith('.md'));
const text = ['README.md', 'CONTRIBUTING.md', ...guides.map((name) => `docs/${name}`)]
  .map((path) => readFileSync(new URL(path, root), 'utf8'))
  .join('\n');
/** Every service and action of the AWS CLI in the documents. */
const documented = [
  ...new Set([...text.matchAll(/(?<![\w-])aws ([a-z][a-z\d-]+ [a-z][a-z\d-]+)/g)].map(([, name]) => name!)),
].sort();

/** Commands, and services with all commands, that only AWS can carry out, each with the reason. */
const ONLY_ON_AWS: Readonly<Record<string, string>> = {
  backup: 'the data directory is a folder that can be copied',
  ce: 'costs of AWS',
  cloudtrail: 'calls are not recorded after the process ends',
  'cognito-idp': 'a link signs the operator in',
  configure: 'settings of the AWS CLI itself',
  iam: 'the users of the local cloud come from the template',
  kms: 'nothing is encrypted at rest',
  quicksight: 'the analytics stack does not run locally',
  rds: 'the cluster is one local PostgreSQL',
  'service-quotas': 'quotas of an account',
  sesv2: 'mails are kept as files, from any address',
  sso: 'the credentials are printed',
  'cloudformation delete-stack': 'the data directory is deleted instead',
  'cloudformation describe-stack-events': 'a failed start prints its error',
  'cloudformation update-termination-protection': 'stacks are not deleted',
  'cloudformation wait': 'stacks are not changed',
  'cloudwatch get-metric-statistics': 'metrics are kept as long as an alarm needs them',
  'lambda get-account-settings': 'quotas of an account',
  's3api delete-bucket': 'the data directory is deleted instead',
  's3api delete-objects': 'the data directory is deleted instead',
};

let cloud: TestCloud;
let stacks: CloudFormationClient;
let secrets: SecretsManagerClient;
let queues: SQSClient;
let data: RDSDataClient;
beforeAll(async () => {
  cloud = await TestCloud.start();
  const { connection } = cloud.client.access;
  stacks = new CloudFormationClient(connection);
  secrets = new SecretsManagerClient(connection);
  queues = new SQSClient(connection);
  data = new RDSDataClient(connection);
});
afterAll(async () => {
  for (const client of [stacks, secrets, queues, data]) client?.destroy();
  await cloud?.stop();
});

const StackName = 'retail-dev-pipeline';
const output = (name: string) => cloud.cloud.running.outputs[name]!;
const inBucket = () => ({ Bucket: cloud.client.bucket });
const analyst = () => ({ SecretId: output(STACK_OUTPUTS.data.analystSecretArn) });

/** Finds a physical id as the function `physical` of the runbook does. */
async function physical(type: string, start: string): Promise<string> {
  const { StackResourceSummaries = [] } = await stacks.send(new ListStackResourcesCommand({ StackName }));
  const found = StackResourceSummaries.filter(({ ResourceType, LogicalResourceId }) => {
    return ResourceType === type && LogicalResourceId!.startsWith(start);
  });
  expect(found, `${type} ${start}`).toHaveLength(1);
  return found[0]!.PhysicalResourceId!;
}

async function call(request: RawRequest): Promise<Response> {
  const { endpoint } = cloud.cloud.running;
  return sendSigned({ endpoint, keys: cloud.cloud.keys } as never, { method: 'POST', ...request });
}

async function callTarget(service: string, target: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return (await call({ path: '/', service, headers, body: JSON.stringify(body) })).json();
}

async function setLoader(Enabled: boolean): Promise<unknown> {
  const id = await physical('AWS::Lambda::EventSourceMapping', 'LoadFunctionMessages');
  const path = `/2015-03-31/event-source-mappings/${id}`;
  return (await call({ method: 'PUT', path, service: 'lambda', body: JSON.stringify({ Enabled }) })).json();
}

async function listBuckets(): Promise<void> {
  const { Buckets = [] } = await cloud.s3.send(new ListBucketsCommand());
  expect(Buckets.map(({ Name }) => Name)).toContain(cloud.client.bucket);
}

const KEY = 'incoming/store=main/retail_05_02_2024.csv';
const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';
const fileOf = (id: string) => `${HEADER}\n${id},SELL,Milk,1,1.00,1.20\n`;

/** Shows for each documented command that the local cloud serves it. */
const SERVED: Readonly<Record<string, () => Promise<void>>> = {
  async 'cloudformation describe-stack-resources'() {
    const request = new DescribeStackResourcesCommand({ StackName: 'retail-dev-data' });
    const { StackResources = [] } = await stacks.send(request);
    expect(StackResources.map(({ ResourceType }) => ResourceType)).toContain('AWS::RDS::DBCluster');
  },
  async 'cloudformation describe-stacks'() {
    const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({}));
    expect(Stacks.map(({ StackName: name }) => name)).toEqual([
      'retail-dev-data',
      StackName,
      'retail-dev-operations',
    ]);
  },
  async 'cloudformation list-stack-resources'() {
    expect(await physical('AWS::Lambda::Function', 'SweepFunction')).toMatch(/^retail-dev-pipeline-sweep/);
  },
  async 'cloudwatch describe-alarms'() {
    const target = 'GraniteServiceVersion20100801.DescribeAlarms';
    const request = { StateValue: 'ALARM', AlarmNamePrefix: 'retail-dev/' };
    expect(await callTarget('monitoring', target, request)).toEqual({
      CompositeAlarms: [],
      MetricAlarms: [],
    });
  },
  async 'events describe-rule'() {
    const Name = await physical('AWS::Events::Rule', 'SweepSchedule');
    expect(await callTarget('events', 'AWSEvents.DescribeRule', { Name })).toMatchObject({
      State: 'ENABLED',
    });
  },
  async 'lambda invoke'() {
    const name = await physical('AWS::Lambda::Function', 'MigrateFunction');
    const path = `/2015-03-31/functions/${name}/invocations`;
    const response = await call({ path, service: 'lambda' });
    expect(response.headers.get('x-amz-function-error')).toBeNull();
    expect(await response.json()).toEqual({ applied: [] });
  },
  async 'lambda update-event-source-mapping'() {
    expect(await setLoader(false)).toMatchObject({ State: 'Disabled' });
    const upload = await cloud.put(KEY, fileOf(crypto.randomUUID()));
    const QueueUrl = await physical('AWS::SQS::Queue', 'LoadRowsQueue');
    const name = 'ApproximateNumberOfMessages';
    const waiting = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] });
    await expect.poll(async () => (await queues.send(waiting)).Attributes![name]).toBe('1');
    expect(await setLoader(true)).toMatchObject({ State: 'Enabled' });
    expect(await cloud.waitFor(upload)).toMatchObject({ status: 'complete' });
  },
  async 'logs tail'() {
    const logGroupName = await physical('AWS::Logs::LogGroup', 'Migrate');
    const request = { logGroupName, startTime: Date.now() - 600_000, interleaved: true };
    const answer = await callTarget('logs', 'Logs_20140328.FilterLogEvents', request);
    const { events } = answer as { events: { message: string }[] };
    expect(events.map(({ message }) => message.slice(0, 6))).toContain('REPORT');
  },
  async 'rds-data execute-statement'() {
    const resourceArn = output(STACK_OUTPUTS.data.clusterArn);
    const secretArn = output(STACK_OUTPUTS.data.operatorSecretArn);
    const request = {
      resourceArn,
      secretArn,
      sql: 'SELECT count(*), max(transaction_date)::text FROM transactions',
    };
    expect((await data.send(new ExecuteStatementCommand(request))).records![0]).toHaveLength(2);
  },
  async 's3 cp'() {
    const entry = await cloud.load(KEY, fileOf(crypto.randomUUID()));
    expect(entry).toMatchObject({ status: 'complete' });
  },
  's3 ls': listBuckets,
  async 's3api delete-object'() {
    await cloud.put('other/a', 'x');
    await cloud.s3.send(new DeleteObjectCommand({ ...inBucket(), Key: 'other/a' }));
    expect(await cloud.keys('other/')).toEqual([]);
  },
  async 's3api get-bucket-notification-configuration'() {
    const answer = await cloud.s3.send(new GetBucketNotificationConfigurationCommand(inBucket()));
    expect(answer.QueueConfigurations).toMatchObject([
      {
        QueueArn: expect.stringContaining('parseuploads'),
        Events: ['s3:ObjectCreated:*'],
        Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'incoming/' }] } },
      },
    ]);
  },
  's3api list-buckets': listBuckets,
  async 's3api list-object-versions'() {
    await cloud.put('other/b', 'x');
    const answer = await cloud.s3.send(new ListObjectVersionsCommand({ ...inBucket(), Prefix: 'other/b' }));
    expect(answer.Versions).toHaveLength(1);
  },
  async 's3api list-objects-v2'() {
    await cloud.put('other/c', 'x');
    expect(await cloud.keys('other/c')).toEqual(['other/c']);
  },
  async 'secretsmanager get-secret-value'() {
    const { SecretString } = await secrets.send(new GetSecretValueCommand(analyst()));
    expect(JSON.parse(SecretString!)).toMatchObject({ username: 'retail_analyst' });
  },
  async 'secretsmanager list-secrets'() {
    const { SecretList = [] } = await secrets.send(new ListSecretsCommand());
    expect(SecretList.find(({ ARN }) => ARN === analyst().SecretId)).toMatchObject({ RotationEnabled: true });
  },
  async 'secretsmanager rotate-secret'() {
    const version = async () => (await secrets.send(new GetSecretValueCommand(analyst()))).VersionId;
    const { VersionId } = await secrets.send(new RotateSecretCommand(analyst()));
    await expect.poll(version).toBe(VersionId);
  },
  async 'sqs send-message'() {
    const { QueueUrls = [] } = await queues.send(
      new ListQueuesCommand({ QueueNamePrefix: `${StackName}-load` }),
    );
    const QueueUrl = QueueUrls.find((url) => url.includes('dead'))!;
    const sent = await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    expect(sent.MessageId).toBeDefined();
  },
  async 'sts get-caller-identity'() {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const response = await call({ path: '/', service: 'sts', headers, body });
    expect(await response.text()).toContain('<Account>000000000000</Account>');
  },
};

const isOnlyOnAws = (command: string) =>
  [command, command.split(' ')[0]!].some((name) => Object.hasOwn(ONLY_ON_AWS, name));

test('every documented command of the AWS CLI works on the local cloud, or is named as one for AWS only', () => {
  expect(documented.length).toBeGreaterThan(50);
  expect(documented.filter((command) => !isOnlyOnAws(command))).toEqual(Object.keys(SERVED).sort());
  const names = documented.flatMap((command) => [command, command.split(' ')[0]!]);
  expect(Object.keys(ONLY_ON_AWS).filter((name) => !names.includes(name))).toEqual([]);
});

test.each(Object.entries(SERVED))('aws %s works on the local cloud', async (_, run) => {
  await run();
  expect(cloud.problems).toEqual([]);
});

test.each(['backup', 'iam', 'rds'])('the service %s is refused by name', async (service) => {
  const response = await call({ path: '/', service, body: 'Action=Anything' });
  expect(response.status).toBe(501);
  expect(await response.text()).toContain(`does not have the service \\"${service}\\"`);
});
