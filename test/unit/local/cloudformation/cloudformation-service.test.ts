import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, expect, test } from 'vitest';
import { CloudFormationService } from '../../../../local/cloudformation/cloudformation-service.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';

const STACKS = [
  { name: 'retail-dev-data', outputs: { UploadBucketName: 'a & <b>', DatabaseName: 'retail' } },
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

test('unsupported requests are refused', async () => {
  await expect(describeStack(undefined)).rejects.toThrow('knows DescribeStacks with a StackName');
});
