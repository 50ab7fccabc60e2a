/** The permission that each call needs, for services that do not say it when they refuse one (each API's reference). */
export const PERMISSION_OF: Readonly<Record<string, string>> = {
  DescribeStacksCommand: 'cloudformation:DescribeStacks',
  PutObjectCommand: 's3:PutObject',
  CreateMultipartUploadCommand: 's3:PutObject',
  UploadPartCommand: 's3:PutObject',
  CompleteMultipartUploadCommand: 's3:PutObject',
  AbortMultipartUploadCommand: 's3:AbortMultipartUpload',
  ListObjectVersionsCommand: 's3:ListBucketVersions',
  SendMessageCommand: 'sqs:SendMessage',
  ReceiveMessageCommand: 'sqs:ReceiveMessage',
  DeleteMessageCommand: 'sqs:DeleteMessage',
  ChangeMessageVisibilityBatchCommand: 'sqs:ChangeMessageVisibility',
  ExecuteStatementCommand: 'rds-data:ExecuteStatement',
};

/** What services do in the caller's name while they work on one of these calls. */
const PERMISSIONS_BEHIND = ['secretsmanager:GetSecretValue', 'kms:Decrypt', 'kms:GenerateDataKey'];

/** Everything that the policy of `lib/operator-access.ts` grants. */
export const OPERATOR_PERMISSIONS: ReadonlySet<string> = new Set([
  ...Object.values(PERMISSION_OF),
  ...PERMISSIONS_BEHIND,
]);
