import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  type CloudModel,
  LEFT_OUT_TYPES,
  readCloudModel,
} from '../../../../local/assembly/read-cloud-model.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { type StackTemplate, writeAssembly } from './written-assembly.ts';

const ENDPOINT = 'http://127.0.0.1:4566';
const SQS = 'arn:aws:sqs:us-east-1:000000000000';
const dir = temporaryDir();

async function read(Resources: StackTemplate['Resources']): Promise<CloudModel> {
  return readCloudModel(await writeAssembly(dir, { App: { Resources } }), ENDPOINT);
}

const queue = (Properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties });
const att = (logicalId: string) => ({ 'Fn::GetAtt': [logicalId, 'Arn'] });
const statement = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: att('Jobs') };

function withFunction(role: object = {}, changes: object = {}): StackTemplate['Resources'] {
  return {
    Jobs: queue(),
    Role: { Type: 'AWS::IAM::Role', Properties: role },
    OtherRole: { Type: 'AWS::IAM::Role' },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: { Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement: [statement] } },
    },
    OtherPolicy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        Roles: [{ Ref: 'OtherRole' }],
        PolicyDocument: { Statement: [{ ...statement, Action: '*' }] },
      },
    },
    Worker: {
      Type: 'AWS::Lambda::Function',
      Metadata: { 'aws:asset:path': 'asset.1' },
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        MemorySize: 512,
        Timeout: 60,
        Role: att('Role'),
        Environment: { Variables: { QUEUE_URL: { Ref: 'Jobs' } } },
        ...changes,
      },
    },
  };
}

describe('a function', () => {
  it('has the configuration of the template, and the statements of its role', async () => {
    const [worker] = (await read(withFunction())).functions;
    expect(worker).toMatchObject({
      name: 'app-worker',
      handler: 'index.handler',
      memoryMiB: 512,
      timeoutSeconds: 60,
      environment: { QUEUE_URL: `${ENDPOINT}/000000000000/app-jobs` },
      statements: [{ ...statement, Resource: `${SQS}:app-jobs` }],
    });
  });

  it('has the defaults of Lambda for properties that the template does not set', async () => {
    const bare = { MemorySize: undefined, Timeout: undefined, Environment: undefined };
    const [worker] = (await read(withFunction({}, bare))).functions;
    expect(worker).toMatchObject({ memoryMiB: 128, timeoutSeconds: 3, environment: {} });
  });

  it.each([
    ['ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']],
    ['Policies', [{ PolicyName: 'p', PolicyDocument: {} }]],
    ['PermissionsBoundary', 'arn:aws:iam::aws:policy/PowerUserAccess'],
  ])('is refused if its role has %s', async (name, value) => {
    await expect(read(withFunction({ [name]: value }))).rejects.toThrow(`${name} of role Role`);
  });

  it('is refused if its runtime is not Node.js', async () => {
    const python = withFunction({}, { Runtime: 'python3.14' });
    await expect(read(python)).rejects.toThrow('cannot run Worker: python3.14');
  });
});

describe('a queue', () => {
  it('has the attributes of the template, as SetQueueAttributes takes them', async () => {
    const RedrivePolicy = { deadLetterTargetArn: att('Dead'), maxReceiveCount: 1000 };
    const { queues } = await read({ Dead: queue(), Jobs: queue({ VisibilityTimeout: 360, RedrivePolicy }) });
    expect(queues.map(({ name, arn, url }) => [name, arn, url])).toEqual([
      ['app-dead', `${SQS}:app-dead`, `${ENDPOINT}/000000000000/app-dead`],
      ['app-jobs', `${SQS}:app-jobs`, `${ENDPOINT}/000000000000/app-jobs`],
    ]);
    expect(queues[1]!.attributes).toEqual({
      VisibilityTimeout: '360',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: `${SQS}:app-dead`, maxReceiveCount: 1000 }),
    });
  });

  it('has a unique name even if a longer one has the same prefix', async () => {
    const long = 'LoadStageConsumerFunctionDeadLetterQueueForBatchesThatNobodyUnderstands';
    const { queues } = await read({ [`${long}A1`]: queue(), [`${long}B2`]: queue() });
    expect(new Set(queues.map(({ name }) => name)).size).toBe(2);
  });
});

describe('an event source mapping', () => {
  const FunctionResponseTypes = ['ReportBatchItemFailures'];
  const mapping = (Properties: object) => ({
    ...withFunction(),
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: att('Jobs'), FunctionName: { Ref: 'Worker' }, ...Properties },
    },
  });

  it('connects a queue to a function with its batch size and concurrency', async () => {
    const properties = { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 4 }, FunctionResponseTypes };
    const { eventSources } = await read(mapping(properties));
    const connection = { id: 'app-mapping', queueArn: `${SQS}:app-jobs`, functionName: 'app-worker' };
    expect(eventSources).toEqual([{ ...connection, batchSize: 1, windowSeconds: 0, maxConcurrency: 4 }]);
  });

  it('has a larger batch only with a batching window', async () => {
    const properties = { BatchSize: 1_000, MaximumBatchingWindowInSeconds: 5, FunctionResponseTypes };
    const { eventSources } = await read(mapping(properties));
    expect(eventSources).toMatchObject([{ batchSize: 1_000, windowSeconds: 5 }]);
    const withoutWindow = mapping({ ...properties, MaximumBatchingWindowInSeconds: 0 });
    await expect(read(withoutWindow)).rejects.toThrow('a batch size of 1 to 10');
    const tooLong = mapping({ ...properties, MaximumBatchingWindowInSeconds: 301 });
    await expect(read(tooLong)).rejects.toThrow('a batching window of 0 to 300 seconds');
  });

  it('is refused without partial batch responses', async () => {
    await expect(read(mapping({}))).rejects.toThrow('ReportBatchItemFailures of Mapping');
  });
});

describe('a template', () => {
  it('is refused for a resource type that is neither supported nor listed as left out', async () => {
    await expect(read({ Table: { Type: 'AWS::DynamoDB::Table' } })).rejects.toThrow(
      'does not know AWS::DynamoDB::Table (Table of stack App)',
    );
  });

  it('may have resource types that are listed as left out', async () => {
    const model = await read({ Vpc: { Type: 'AWS::EC2::VPC' }, Jobs: queue() });
    expect(model.queues).toHaveLength(1);
  });
});

describe('a managed policy', () => {
  const policy = (Properties: object) => ({
    Jobs: queue(),
    Shared: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: { Statement: [statement] }, Path: '/', ...Properties },
    },
  });

  it('is identified by its name, with its statements', async () => {
    const resolved = { ...statement, Resource: `${SQS}:app-jobs` };
    expect((await read(policy({}))).managedPolicies).toEqual([
      { name: 'app-shared', statements: [resolved] },
    ]);
    const { managedPolicies } = await read(policy({ ManagedPolicyName: 'operators' }));
    expect(managedPolicies[0]!.name).toBe('operators');
  });

  it.each([['Roles'], ['Users'], ['Groups']])(
    'is refused if the template attaches it to %s',
    async (name) => {
      await expect(read(policy({ [name]: ['someone'] }))).rejects.toThrow(`${name} of managed policy Shared`);
    },
  );
});

test('a permission to call a function compares the ARN of the source as an ARN, and its account as a text', async () => {
  const Properties = {
    FunctionName: att('Worker'),
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    SourceArn: 'arn:aws:events:us-east-1:000000000000:rule/nightly',
    SourceAccount: '000000000000',
  };
  const { resourcePolicies } = await read({
    ...withFunction(),
    Permission: { Type: 'AWS::Lambda::Permission', Properties },
  });
  expect(resourcePolicies[0]!.statements[0]!.Condition).toEqual({
    ArnLike: { 'aws:SourceArn': Properties.SourceArn },
    StringEquals: { 'aws:SourceAccount': '000000000000' },
  });
});

test('the README lists the resource types that the local cloud leaves out, with the same reasons', () => {
  const readme = readFileSync(new URL('../../../../local/README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(AWS::[\w:]+)` \| (.+) \|$/gm)];
  expect(rows.map(([, type, reason]) => [type, reason])).toEqual(Object.entries(LEFT_OUT_TYPES));
});
