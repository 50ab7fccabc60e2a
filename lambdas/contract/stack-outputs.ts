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

/** The output with the ARN of the policy for a store's uploader. An output's name has letters and digits only. */
export function uploaderPolicyOutput(store: string): string {
  return `UploaderPolicyArn${store.replace(/[^A-Za-z0-9]/g, (sign) => `x${sign.charCodeAt(0)}`)}`;
}
