import type { StackPart } from './stacks.ts';

/** Outputs of the stacks, by which the command line finds what it works on. */
export const STACK_OUTPUTS = {
  data: {
    bucketName: 'UploadBucketName',
    clusterArn: 'ClusterArn',
    databaseName: 'DatabaseName',
    analystSecretArn: 'AnalystSecretArn',
  },
  pipeline: {
    parserRevision: 'ParserRevision',
    uploadQueueUrl: 'UploadQueueUrl',
    uploadDeadLetterQueueUrl: 'UploadDeadLetterQueueUrl',
    rowQueueUrl: 'RowQueueUrl',
    rowDeadLetterQueueUrl: 'RowDeadLetterQueueUrl',
    operatorPolicyArn: 'OperatorPolicyArn',
  },
} as const satisfies Record<StackPart, Record<string, string>>;

/** The outputs of one stack. */
export type OutputsOf<Part extends StackPart> = {
  readonly [Key in keyof (typeof STACK_OUTPUTS)[Part]]: string;
};
/** Those of all stacks of a stage. */
export type StackOutputs = OutputsOf<'data'> & OutputsOf<'pipeline'>;

/**
 * Picks the outputs of one stack out of everything that it has.
 * @returns those that are there under their keys, and the names of those that are not
 */
export function pickOutputs<Part extends StackPart>(
  part: Part,
  values: Readonly<Record<string, string>>,
): { outputs: OutputsOf<Part>; missing: string[] } {
  const names: Record<string, string> = STACK_OUTPUTS[part];
  return {
    outputs: Object.fromEntries(
      Object.entries(names).map(([key, name]) => [key, values[name]]),
    ) as OutputsOf<Part>,
    missing: Object.values(names).filter((name) => !values[name]),
  };
}

/** The output with the ARN of the policy for a store's uploader. An output's name has letters and digits only. */
export function uploaderPolicyOutput(store: string): string {
  return `UploaderPolicyArn${store.replace(/[^A-Za-z0-9]/g, (sign) => `x${sign.charCodeAt(0)}`)}`;
}
