import type { S3Client } from '@aws-sdk/client-s3';

export interface FailedCall {
  /** Name of the SDK's class, such as `PutObjectCommand`. */
  readonly command: string;
  readonly resource: string | undefined;
}

/** Permission that each call needs, for services whose refusals do not name it (each API's reference). */
export const PERMISSION_OF: Readonly<Record<string, string>> = {
  DescribeStacksCommand: 'cloudformation:DescribeStacks',
  PutObjectCommand: 's3:PutObject',
  CreateMultipartUploadCommand: 's3:PutObject',
  UploadPartCommand: 's3:PutObject',
  CompleteMultipartUploadCommand: 's3:PutObject',
  AbortMultipartUploadCommand: 's3:AbortMultipartUpload',
  GetObjectCommand: 's3:GetObject',
  ListObjectsV2Command: 's3:ListBucket',
  // It also puts the copy.
  CopyObjectCommand: 's3:GetObjectVersion',
  ListObjectVersionsCommand: 's3:ListBucketVersions',
  SendMessageCommand: 'sqs:SendMessage',
  ReceiveMessageCommand: 'sqs:ReceiveMessage',
  DeleteMessageCommand: 'sqs:DeleteMessage',
  ChangeMessageVisibilityBatchCommand: 'sqs:ChangeMessageVisibility',
  ExecuteStatementCommand: 'rds-data:ExecuteStatement',
  GetSecretValueCommand: 'secretsmanager:GetSecretValue',
  // A request to the HTTP API, which has no client in the SDK.
  InvokeCommand: 'execute-api:Invoke',
};

/** Permissions that services use on the caller's behalf during these calls. */
const INDIRECT_PERMISSIONS = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** All permissions of the policy in `lib/access/operator-policy.ts`. */
export const OPERATOR_PERMISSIONS: ReadonlySet<string> = new Set([
  ...Object.values(PERMISSION_OF),
  ...INDIRECT_PERMISSIONS,
]);

/** Members that the inputs of these calls have. */
interface AnyInput {
  readonly Bucket?: string;
  readonly Key?: string;
  readonly QueueUrl?: string;
  readonly StackName?: string;
  readonly resourceArn?: string;
}

const failedCalls = new WeakMap<object, FailedCall>();

/** Records the call behind each error of a client, because some services do not name it. */
export function rememberCalls<Client extends object>(client: Client): Client {
  (client as Client & Pick<S3Client, 'middlewareStack'>).middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const resource = findResource(args.input as AnyInput);
        failedCalls.set(error as object, { command: String(context.commandName), resource });
        throw error;
      }
    },
    { step: 'initialize', name: 'rememberCalls' },
  );
  return client;
}

/** Records the request behind an error of an HTTP API. @returns the error */
export function rememberRequest(error: Error, route: string): Error {
  failedCalls.set(error, { command: 'InvokeCommand', resource: route });
  return error;
}

/** Finds the call that an error comes from. @returns undefined if it comes from no recorded client */
export function findFailedCall(error: unknown): FailedCall | undefined {
  return typeof error === 'object' && error !== null ? failedCalls.get(error) : undefined;
}

function findResource({ Bucket, Key, QueueUrl, StackName, resourceArn }: AnyInput): string | undefined {
  if (Bucket !== undefined) return `arn:aws:s3:::${Bucket}${Key === undefined ? '' : `/${Key}`}`;
  return QueueUrl ?? resourceArn ?? StackName;
}
