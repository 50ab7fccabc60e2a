import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';
import { ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { rememberCalls } from '../../../cli/aws/calls.ts';
import { explainError } from '../../../cli/aws/explain-error.ts';

const PLACE = {
  stage: 'dev',
  region: 'eu-west-1',
  knownStages: ['dev', 'prod'],
  operatorPolicyArn: 'arn:aws:iam::111122223333:policy/operator',
};
const CONFIG = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  maxAttempts: 1,
};
const Bucket = 'uploads';

interface Answer {
  readonly name: string;
  readonly message: string;
  readonly status?: number;
}

/** Explains an error of AWS: the client answers before anything is sent. */
async function explain(
  client: { send(command: never): Promise<unknown>; middlewareStack: unknown },
  command: unknown,
  { name, message, status = 403 }: Answer,
): Promise<string> {
  rememberCalls(client);
  (client as unknown as S3Client).middlewareStack.add(
    () => async () => {
      throw Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
    },
    { step: 'build' },
  );
  const error = await client.send(command as never).catch((caught: unknown) => caught);
  return (explainError(error, PLACE) as Error).message;
}

const list = () => [new S3Client(CONFIG), new ListObjectVersionsCommand({ Bucket })] as const;
const put = () => [new S3Client(CONFIG), new PutObjectCommand({ Bucket, Key: 'incoming/a.csv' })] as const;
const receive = () =>
  [
    new SQSClient(CONFIG),
    new ReceiveMessageCommand({ QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q' }),
  ] as const;
const find = () => [new CloudFormationClient(CONFIG), new DescribeStacksCommand({ StackName: 's' })] as const;
const ask = () =>
  [
    new RDSDataClient(CONFIG),
    new ExecuteStatementCommand({ resourceArn: 'arn:cluster', secretArn: 'arn:secret', sql: 'SELECT 1' }),
  ] as const;

test.each<[string, () => readonly [never, unknown], Answer, string]>([
  [
    'S3 without a message',
    put as never,
    { name: '403', message: '403' },
    'the permission s3:PutObject on arn:aws:s3:::uploads/incoming/a.csv is missing',
  ],
  [
    'S3 without an action',
    list as never,
    { name: 'AccessDenied', message: 'Access Denied' },
    'the permission s3:ListBucketVersions on arn:aws:s3:::uploads is missing',
  ],
  [
    'SQS without an action',
    receive as never,
    {
      name: 'AccessDenied',
      message: 'Access to the resource https://sqs.eu-west-1.amazonaws.com/1/q is denied.',
    },
    'the permission sqs:ReceiveMessage on https://sqs.eu-west-1.amazonaws.com/1/q is missing',
  ],
  [
    'the bucket’s KMS key',
    put as never,
    {
      name: 'AccessDenied',
      message:
        'User: arn:aws:iam::1:user/a is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:1:key/k because no identity-based policy allows the kms:GenerateDataKey action',
    },
    'the permission kms:GenerateDataKey on arn:aws:kms:eu-west-1:1:key/k is missing',
  ],
  [
    'the database’s secret, which the Data API reports as a bad request',
    ask as never,
    {
      name: 'BadRequestException',
      status: 400,
      message:
        'User: arn:aws:iam::1:user/a is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:secret because no identity-based policy allows it',
    },
    'the permission secretsmanager:GetSecretValue on arn:secret is missing',
  ],
])('%s: the message names the permission and the policy that grants it', async (_, call, answer, message) => {
  const text = await explain(...(call() as [never, unknown]), answer);
  expect(text).toContain(message);
  expect(text).toContain(
    'Attach the managed policy that grants it to your user or role: arn:aws:iam::111122223333:policy/operator',
  );
});

test('an explicit denial does not suggest another policy', async () => {
  const message =
    'User: u is not authorized to perform: s3:PutObject on resource: r with an explicit deny in a service control policy';
  const text = await explain(...put(), { name: 'AccessDenied', message });
  expect(text).toContain('a policy denies it explicitly');
  expect(text).not.toContain('Attach');
});

test('a permission that the operator’s policy lacks does not suggest that policy', async () => {
  const message = 'User: u is not authorized to perform: s3:PutObjectLegalHold on resource: r';
  const text = await explain(...put(), { name: 'AccessDenied', message });
  expect(text).toContain('s3:PutObjectLegalHold');
  expect(text).not.toContain('Attach');
});

test.each<[Answer, string]>([
  [
    { name: 'ExpiredToken', message: 'The provided token has expired.', status: 400 },
    'your AWS credentials have expired',
  ],
  [{ name: 'ExpiredTokenException', message: 'expired' }, 'aws sso login'],
  [
    { name: 'InvalidClientTokenId', message: 'The security token is invalid.' },
    'AWS does not accept your credentials',
  ],
  [{ name: 'SignatureDoesNotMatch', message: 'no' }, 'AWS does not accept your credentials'],
  [
    { name: 'Throttling', message: 'Rate exceeded', status: 400 },
    'DescribeStacks on s failed: Throttling: Rate exceeded',
  ],
])('%j is explained', async (answer, message) => {
  expect(await explain(...find(), answer)).toContain(message);
});

test('an error that does not come from AWS is not changed', () => {
  const error = new TypeError('x is not a function');
  expect(explainError(error, PLACE)).toBe(error);
});
