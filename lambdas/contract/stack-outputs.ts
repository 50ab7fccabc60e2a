/** Outputs of the stacks, by which the command line finds what it works on. */
export const STACK_OUTPUTS = {
  bucketName: 'UploadBucketName',
  clusterArn: 'ClusterArn',
  databaseName: 'DatabaseName',
  analystSecretArn: 'AnalystSecretArn',
  parserRevision: 'ParserRevision',
  uploadQueueUrl: 'UploadQueueUrl',
  uploadDeadLetterQueueUrl: 'UploadDeadLetterQueueUrl',
  rowQueueUrl: 'RowQueueUrl',
  rowDeadLetterQueueUrl: 'RowDeadLetterQueueUrl',
} as const;
export type StackOutputs = { readonly [Key in keyof typeof STACK_OUTPUTS]: string };
