/** Outputs of the stacks, by which the command line finds what it works on. */
export const STACK_OUTPUTS = {
  bucketName: 'UploadBucketName',
  clusterArn: 'ClusterArn',
  databaseName: 'DatabaseName',
  analystSecretArn: 'AnalystSecretArn',
} as const;
export type StackOutputs = { readonly [Key in keyof typeof STACK_OUTPUTS]: string };
