import type { Stack } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { INCOMING_PREFIX, READINGS_PREFIX, RECEIPTS_PREFIX } from '../../lambdas/core/upload-key.ts';
import { OPERATOR_ROUTES } from '../../lambdas/shared/api-routes.ts';
import type { ApiStep } from '../api/api-step.ts';
import type { DataStack } from '../data/data-stack.ts';
import type { StepQueue } from '../pipeline/step-queue.ts';
import { allow, keyStatements } from './statements.ts';

/** Creates the policy for operators: exactly the permissions that `retail … --stage` needs. */
export function createOperatorPolicy(
  stack: Stack,
  data: DataStack,
  {
    uploads,
    rows,
    notices,
    api,
  }: Record<'uploads' | 'rows' | 'notices', StepQueue> & { api: ApiStep | undefined },
): ManagedPolicy {
  const { database, key, uploadBucket } = data;
  const { account, partition, region } = stack;
  // CloudFormation appends an id to the ARN of a stack, a new one each time the stack is created.
  const stackArns = [data, stack].map(
    ({ stackName }) => `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/*`,
  );
  const queues = [uploads, rows, notices, ...(api ? [api.collect.calls] : [])];
  return new ManagedPolicy(new Construct(stack, 'Operator'), 'Policy', {
    description: `Lets an operator use the commands of retail with the stacks ${data.stackName} and ${stack.stackName}.`,
    statements: [
      allow(['cloudformation:DescribeStacks'], stackArns),
      // `load` and `import-history` put objects, `retract` and `restate` put decisions; `verify` and `replay` list them.
      allow(['s3:PutObject', 's3:AbortMultipartUpload'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}*`)]),
      allow(['s3:ListBucketVersions'], [uploadBucket.bucketArn], {
        StringLike: { 's3:prefix': `${INCOMING_PREFIX}*` },
      }),
      // `move` copies an object.
      allow(['s3:GetObjectVersion'], [uploadBucket.arnForObjects(`${INCOMING_PREFIX}store=*`)]),
      // `replay` and `discard` find the settings of earlier readings, `verify` the receipts of lost uploads.
      allow(['s3:ListBucket'], [uploadBucket.bucketArn], {
        StringLike: { 's3:prefix': [`${READINGS_PREFIX}*`, `${RECEIPTS_PREFIX}*`] },
      }),
      allow(
        ['s3:GetObject'],
        [READINGS_PREFIX, RECEIPTS_PREFIX].map((prefix) => uploadBucket.arnForObjects(`${prefix}*`)),
      ),
      // `replay` sends to the parser; `dlq` reads dead letters, `redrive` returns them, and `discard` tells the loader.
      allow(
        ['sqs:SendMessage'],
        queues.map(({ queue }) => queue.queueArn),
      ),
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
        queues.map(({ deadLetterQueue }) => deadLetterQueue.queueArn),
      ),
      allow(['rds-data:ExecuteStatement'], [database.cluster.clusterArn]),
      allow(
        ['secretsmanager:GetSecretValue'],
        // `webhook-key` reads the second one, if there is one.
        [database.secrets.operator, data.webhookSecret].flatMap((secret) => secret?.secretArn ?? []),
      ),
      ...(api
        ? [
            allow(
              ['execute-api:Invoke'],
              OPERATOR_ROUTES.map((route) => api.http.arnOf(route)),
            ),
          ]
        : []),
      ...keyStatements(key, 's3', 'write'),
      ...keyStatements(key, 'sqs', 'write'),
      ...keyStatements(key, 'secretsmanager', 'read'),
    ],
  });
}
