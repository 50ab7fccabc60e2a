/** Names of the outputs by which the command line finds a stage, of the stacks that have them. */
export const STACK_OUTPUTS = {
  data: {
    bucketName: 'UploadBucketName',
    clusterArn: 'ClusterArn',
    databaseName: 'DatabaseName',
    operatorSecretArn: 'OperatorSecretArn',
    analystSecretArn: 'AnalystSecretArn',
  },
  pipeline: {
    parserRevision: 'ParserRevision',
    uploadQueueUrl: 'UploadQueueUrl',
    uploadDeadLetterQueueUrl: 'UploadDeadLetterQueueUrl',
    rowQueueUrl: 'RowQueueUrl',
    rowDeadLetterQueueUrl: 'RowDeadLetterQueueUrl',
    noticeQueueUrl: 'NoticeQueueUrl',
    noticeDeadLetterQueueUrl: 'NoticeDeadLetterQueueUrl',
    operatorPolicyArn: 'OperatorPolicyArn',
  },
} as const;

/** Names of the outputs of the pipeline stack that a stage without the API does not have. */
export const API_OUTPUTS = {
  httpApiUrl: 'HttpApiUrl',
  webSocketUrl: 'WebSocketUrl',
  callQueueUrl: 'CallQueueUrl',
  callDeadLetterQueueUrl: 'CallDeadLetterQueueUrl',
} as const;

/** Name of the output of the data stack with the ARN of the secret of webhooks, in a stage that has any. */
export const WEBHOOK_SECRET_OUTPUT = 'WebhookSecretArn';

/** Name of the output of the data stack with the id of the user pool, in a stage whose console signs people in. */
export const USER_POOL_OUTPUT = 'UserPoolId';
/** Name of the output of the pipeline stack with the address of its console. */
export const CONSOLE_OUTPUT = 'ConsoleUrl';

export type StackPart = keyof typeof STACK_OUTPUTS;

export type OutputsOf<Part extends StackPart> = {
  readonly [Key in keyof (typeof STACK_OUTPUTS)[Part]]: string;
};
export type StackOutputs = OutputsOf<'data'> & OutputsOf<'pipeline'> & OptionalOutputs;
/** Outputs that some stages do not have. */
const OPTIONAL_OUTPUTS = { ...API_OUTPUTS, webhookSecretArn: WEBHOOK_SECRET_OUTPUT } as const;
export type OptionalOutputs = { readonly [Key in keyof typeof OPTIONAL_OUTPUTS]?: string };

/** Form of a stage's name, which is a part of the names of its stacks and their resources. */
export const STAGE_PATTERN = /^[a-z][a-z0-9]{0,11}$/;

/** Names a stage's stack, for `lib/` to deploy it and for the command line to find it. */
export function stackNameOf(
  stage: string,
  part: StackPart | 'analytics' | 'operations' | 'backup-copy' | 'deployer',
): string {
  return `retail-${stage}-${part}`;
}

/**
 * Picks the outputs that the command line needs out of all outputs of a stack.
 * @returns the existing ones by key, and the names of the missing ones
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

/** Picks the outputs that some stages do not have out of all outputs of a stack. */
export function pickOptionalOutputs(values: Readonly<Record<string, string>>): OptionalOutputs {
  const found = Object.entries(OPTIONAL_OUTPUTS).filter(([, name]) => values[name]);
  return Object.fromEntries(found.map(([key, name]) => [key, values[name]]));
}

/** Names the output with the ARN of a store's uploader policy. */
export function uploaderPolicyOutput(store: string): string {
  return `UploaderPolicyArn${toOutputName(store)}`;
}

/** Names the output with the ARN of the policy for a store's tills. */
export function tillPolicyOutput(store: string): string {
  return `TillPolicyArn${toOutputName(store)}`;
}

/** Writes a store's name with letters and digits only, as CloudFormation requires. */
function toOutputName(store: string): string {
  return store.replace(/[^A-Za-z0-9]/g, (character) => `x${character.charCodeAt(0)}`);
}
