import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, test } from 'vitest';
import { openStage } from '../../../cli/stage-access.ts';
import { STACK_OUTPUTS } from '../../../lambdas/shared/stacks.ts';

const cloudFormation = mockClient(CloudFormationClient);
afterAll(() => cloudFormation.restore());
afterEach(() => cloudFormation.reset());

const OPTIONS = { stage: 'dev', region: 'eu-west-1' };

const openDev = () => openStage(OPTIONS, new CloudFormationClient({ region: OPTIONS.region }));

/** Mocks a stack with these outputs. */
function deploy(StackName: string, names: readonly string[], StackStatus: string): void {
  const Outputs = names.map((name) => ({ OutputKey: name, OutputValue: `the ${name}` }));
  const CreationTime = new Date();
  cloudFormation
    .on(DescribeStacksCommand, { StackName })
    .resolves({ Stacks: [{ StackName, StackStatus: StackStatus as never, CreationTime, Outputs }] });
}

const DATA = Object.values(STACK_OUTPUTS.data);
const PIPELINE = Object.values(STACK_OUTPUTS.pipeline);

test('the outputs of both stacks are read, and printed commands have the stage and the region', async () => {
  deploy('retail-dev-data', DATA, 'UPDATE_COMPLETE');
  deploy('retail-dev-pipeline', PIPELINE, 'UPDATE_COMPLETE');
  const { outputs, flags } = await openDev();
  expect(outputs).toMatchObject({ bucketName: 'the UploadBucketName', rowQueueUrl: 'the RowQueueUrl' });
  expect(flags).toEqual(['--stage', 'dev', '--region', 'eu-west-1']);
});

test('a missing output is reported with its stack, the status and the command to deploy it', async () => {
  deploy('retail-dev-data', DATA, 'UPDATE_COMPLETE');
  deploy('retail-dev-pipeline', PIPELINE.slice(1), 'ROLLBACK_COMPLETE');
  await expect(openDev()).rejects.toThrow(
    'the stack retail-dev-pipeline in eu-west-1 (ROLLBACK_COMPLETE) has no output ParserRevision: ' +
      'deploy it again: npx cdk deploy --all -c stage=dev',
  );
});

test('a stage without one of its stacks is not deployed', async () => {
  deploy('retail-dev-data', DATA, 'UPDATE_COMPLETE');
  const missing = Object.assign(new Error('Stack with id retail-dev-pipeline does not exist'), {
    name: 'ValidationError',
  });
  cloudFormation.on(DescribeStacksCommand, { StackName: 'retail-dev-pipeline' }).rejects(missing);
  await expect(openDev()).rejects.toThrow('there is no stack retail-dev-pipeline');
});
