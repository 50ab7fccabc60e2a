import type { Statement } from '../iam/policy.ts';

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly bundleDir: string;
  /** As in the template: `file.export`. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** What the function's role may do. */
  readonly statements: readonly Statement[];
}

/** What Lambda itself does in the name of a function's role. */
export interface TelemetryModel {
  readonly functionName: string;
  readonly logGroupArn: string;
  /** Whether each invocation is sent to X-Ray. */
  readonly isTraced: boolean;
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** As SetQueueAttributes names them. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface BucketModel {
  readonly name: string;
  readonly arn: string;
}

/** What is encrypted with a key of the template, and not with its service's own. */
export interface EncryptionModel {
  readonly resourceArn: string;
  readonly keyArn: string;
}

/** A policy of the template that somebody may be given. */
export interface ManagedPolicyModel {
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** A stack as CloudFormation describes it. */
export interface StackModel {
  readonly name: string;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface ResourcePolicyModel {
  readonly resourceArn: string;
  readonly statements: readonly Statement[];
}

export interface EventSourceModel {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly maxConcurrency: number;
}

/** A rule of EventBridge that calls functions again and again. */
export interface ScheduleModel {
  readonly ruleArn: string;
  readonly functionArns: readonly string[];
  readonly everySeconds: number;
}

export interface NotificationModel {
  readonly bucketName: string;
  readonly queueArn: string;
  /** Such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface SecretModel {
  readonly arn: string;
  /** What the secret's JSON holds beside the password. */
  readonly template: Readonly<Record<string, string>>;
  readonly passwordLength: number;
}

/** How the password of a secret is changed. */
export interface RotationModel {
  readonly secretArn: string;
  readonly functionArn: string;
  readonly everyDays: number;
}

export interface ClusterModel {
  readonly arn: string;
  readonly databaseName: string;
  readonly masterUsername: string;
}

/** Everything of the synthesized assembly that runs here. */
export interface CloudModel {
  readonly functions: readonly FunctionModel[];
  readonly queues: readonly QueueModel[];
  readonly buckets: readonly BucketModel[];
  readonly telemetry: readonly TelemetryModel[];
  readonly encryptions: readonly EncryptionModel[];
  readonly managedPolicies: readonly ManagedPolicyModel[];
  readonly resourcePolicies: readonly ResourcePolicyModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly notifications: readonly NotificationModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly secrets: readonly SecretModel[];
  readonly rotations: readonly RotationModel[];
  readonly clusters: readonly ClusterModel[];
  /** Names of functions that a deployment calls, in order. */
  readonly triggers: readonly string[];
  readonly stacks: readonly StackModel[];
}
