import type { Statement } from '../iam/policy.ts';

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  readonly bundleDir: string;
  /** `file.export`, as in the template. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMiB: number;
  readonly timeoutSeconds: number;
  /** Policies of the function's role. */
  readonly statements: readonly Statement[];
}

/** Logs and traces that Lambda writes with the role of a function. */
export interface TelemetryModel {
  readonly functionName: string;
  readonly logGroupArn: string;
  /** True if each invocation is traced by X-Ray. */
  readonly isTraced: boolean;
}

export interface QueueModel {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  /** Names and values of SetQueueAttributes. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface BucketModel {
  readonly name: string;
  readonly arn: string;
}

/** A resource that is encrypted with a key of the template. */
export interface EncryptionModel {
  readonly resourceArn: string;
  readonly keyArn: string;
}

/** A policy of the template that users can have. */
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

/** A rule of EventBridge that calls functions at a fixed rate. */
export interface ScheduleModel {
  readonly ruleArn: string;
  readonly functionArns: readonly string[];
  readonly everySeconds: number;
}

export interface NotificationModel {
  readonly bucketName: string;
  readonly queueArn: string;
  /** Event types, such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface SecretModel {
  readonly arn: string;
  /** Members of the secret's JSON in addition to the password. */
  readonly template: Readonly<Record<string, string>>;
  readonly passwordLength: number;
}

/** The rotation of a secret by a function. */
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

/** All resources of a synthesized assembly that run locally. */
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
  /** Names of the functions that a deployment calls, in order. */
  readonly triggers: readonly string[];
  readonly stacks: readonly StackModel[];
}
