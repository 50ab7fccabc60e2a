import { readFile } from 'node:fs/promises';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { pickOptionalOutputs, pickOutputs, type StackPart, stackNameOf } from '../lambdas/shared/stacks.ts';
import { rememberCalls } from './aws/calls.ts';
import { explainError } from './aws/explain-error.ts';
import { type CloudAccess, CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';
import type { Io } from './output/console.ts';

const CDK_FILE = new URL('../cdk.json', import.meta.url);

export interface StageOptions {
  readonly stage: string;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * Runs some work on a deployed stage.
 * @throws {UserError} that explains an error of AWS
 */
export async function withStage<Result>(
  options: StageOptions,
  io: Io,
  work: (client: CloudClient) => Promise<Result>,
): Promise<Result> {
  const { profile, region } = options;
  const stacks = rememberCalls(new CloudFormationClient({ profile, region }));
  let client: CloudClient | undefined;
  try {
    client = new CloudClient(await openStage(options, stacks), io.note);
    return await work(client);
  } catch (error) {
    throw explainError(error, {
      ...options,
      region: await stacks.config.region().catch(() => undefined),
      knownStages: await readKnownStages(),
      operatorPolicyArn: client?.access.outputs.operatorPolicyArn,
    });
  } finally {
    client?.close();
    stacks.destroy();
  }
}

/**
 * Finds the deployed stacks of a stage with the operator's credentials.
 * @throws {UserError} if a stack does not exist or lacks an output
 */
export async function openStage(
  { stage, profile, region }: StageOptions,
  stacks: CloudFormationClient,
): Promise<CloudAccess> {
  return {
    connection: { profile, region },
    outputs: {
      ...(await readOutputs(stacks, stage, 'data')),
      ...(await readOutputs(stacks, stage, 'pipeline')),
    },
    flags: formatFlags({ stage, profile, region }),
    name: `the stage ${stage}`,
    afterLoss: 'they continue to load',
    pollMilliseconds: 1_000,
  };
}

/** Formats the options that make another command work on the same stage. */
function formatFlags(options: StageOptions): string[] {
  return (['stage', 'profile', 'region'] as const).flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
}

async function readKnownStages(): Promise<string[]> {
  const { context } = JSON.parse(await readFile(CDK_FILE, 'utf8')) as {
    context: { 'retail:stages': Record<string, unknown> };
  };
  return Object.keys(context['retail:stages']);
}

async function readOutputs<Part extends StackPart>(stacks: CloudFormationClient, stage: string, part: Part) {
  const name = stackNameOf(stage, part);
  const region = await stacks.config.region();
  const { Stacks: [stack] = [] } = await stacks
    .send(new DescribeStacksCommand({ StackName: name }))
    .catch((error: Error) => {
      if (error.name === 'ValidationError' && error.message.includes('does not exist')) return { Stacks: [] };
      throw error;
    });
  if (stack === undefined) {
    const known = (await readKnownStages()).join(', ');
    throw new UserError(
      `the stage ${stage} is not deployed in ${region}: there is no stack ${name}. ` +
        `cdk.json has the stages ${known}. Choose another region with --region or AWS_REGION, ` +
        `or deploy the stage: npx cdk deploy --all -c stage=${stage}`,
    );
  }
  const values: Record<string, string> = Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  const { outputs, missing } = pickOutputs(part, values);
  if (missing.length > 0) {
    throw new UserError(
      `the stack ${name} in ${region} (${stack.StackStatus}) has no output ${missing.join(', ')}: ` +
        `deploy it again: npx cdk deploy --all -c stage=${stage}`,
    );
  }
  return { ...outputs, ...pickOptionalOutputs(values) };
}
