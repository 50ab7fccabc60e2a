import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { afterAll, expect, test } from 'vitest';
import { CloudFormationService } from '../../../../local/cloudformation/cloudformation-service.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';

const STACKS: ConstructorParameters<typeof CloudFormationService>[0] = [
  {
    name: 'retail-dev-data',
    outputs: { UploadBucketName: 'a & <b>', DatabaseName: 'retail' },
    resources: [
      { LogicalResourceId: 'Bucket', PhysicalResourceId: 'bucket-1', ResourceType: 'AWS::S3::Bucket' },
      { LogicalResourceId: 'Key', PhysicalResourceId: 'key-1', ResourceType: 'AWS::KMS::Key' },
    ],
  },
  { name: 'retail-dev-pipeline', outputs: {}, resources: [] },
];
const gateway = await startGateway((access) => ({
  cloudformation: new CloudFormationService(STACKS, access),
}));
const client = new CloudFormationClient(configOf(gateway));
afterAll(() => client.destroy());

const describeStack = (StackName: string | undefined, from = client) =>
  from.send(new DescribeStacksCommand({ StackName }));

test('a stack is described with its outputs', async () => {
  const { Stacks } = await describeStack('retail-dev-data');
  expect(Stacks).toMatchObject([
    {
      StackName: 'retail-dev-data',
      StackId: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:0{12}:stack\/retail-dev-data\/\w+$/),
      StackStatus: 'CREATE_COMPLETE',
      CreationTime: expect.any(Date),
      Outputs: [
        { OutputKey: 'UploadBucketName', OutputValue: 'a & <b>' },
        { OutputKey: 'DatabaseName', OutputValue: 'retail' },
      ],
    },
  ]);
});

test('a missing stack causes the error of CloudFormation', async () => {
  await expect(describeStack('retail-qa-data')).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id retail-qa-data does not exist',
    $metadata: { httpStatusCode: 400 },
  });
});

test('another region has no stacks', async () => {
  const elsewhere = new CloudFormationClient({ ...configOf(gateway), region: 'eu-west-1' });
  await expect(describeStack('retail-dev-data', elsewhere)).rejects.toThrow('does not exist');
  elsewhere.destroy();
});

test('a caller sees only the stacks in its policy', async () => {
  const arn = 'arn:aws:cloudformation:us-east-1:000000000000:stack/retail-dev-data/*';
  addFunction(gateway.access, 'reader', [allow('cloudformation:DescribeStacks', arn)]);
  const reader = new CloudFormationClient(configOf(gateway, 'reader'));
  expect((await describeStack('retail-dev-data', reader)).Stacks).toHaveLength(1);
  await expect(describeStack('retail-qa-data', reader)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('is not authorized to perform: cloudformation:DescribeStacks'),
  });
  reader.destroy();
});

test('without a name, all stacks are described', async () => {
  const { Stacks = [] } = await describeStack(undefined);
  expect(Stacks.map(({ StackName }) => StackName)).toEqual(['retail-dev-data', 'retail-dev-pipeline']);
  addFunction(gateway.access, 'of-one', [
    allow('cloudformation:DescribeStacks', 'arn:aws:cloudformation:us-east-1:000000000000:stack/retail-*'),
  ]);
  const ofOne = new CloudFormationClient(configOf(gateway, 'of-one'));
  await expect(describeStack(undefined, ofOne)).rejects.toMatchObject({ name: 'AccessDenied' });
  ofOne.destroy();
});

test('the resources of a stack are listed with their physical ids', async () => {
  const StackName = 'retail-dev-data';
  const listed = await client.send(new ListStackResourcesCommand({ StackName }));
  expect(listed.StackResourceSummaries).toMatchObject(STACKS[0]!.resources);
  const described = await client.send(new DescribeStackResourcesCommand({ StackName }));
  expect(described.StackResources).toMatchObject(
    STACKS[0]!.resources.map((resource) => ({ ...resource, StackName })),
  );
  const missing = new ListStackResourcesCommand({ StackName: 'retail-qa-data' });
  await expect(client.send(missing)).rejects.toThrow('does not exist');
});

test('unsupported requests are refused', async () => {
  const events = new DescribeStackEventsCommand({ StackName: 'retail-dev-data' });
  await expect(client.send(events)).rejects.toThrow('does not support the action "DescribeStackEvents"');
  const page = new DescribeStacksCommand({ NextToken: '1' });
  await expect(client.send(page)).rejects.toThrow("does not support DescribeStacks's NextToken");
});
