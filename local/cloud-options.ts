import type { DataDirectory } from './data-directory.ts';
import type { FaultPlan } from './faults/fault-plan.ts';

/** The CDK project that a local cloud runs. */
export interface LocalProject {
  /** Absolute path of the folder with `cdk.json`. */
  readonly dir: string;
  /** The CDK app, as a path in `dir`. */
  readonly app: string;
  /** Files and folders in `dir` that decide what the app synthesizes. */
  readonly sources: readonly string[];
  /** Context in which the local cloud differs from `cdk.json`, as in `cdk synth -c`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Stacks that do not run locally, by their ids in the assembly, each with the reason. */
  readonly leftOutStacks: Readonly<Record<string, string>>;
  /** Database role of the URL that the running cloud publishes. */
  readonly databaseUser: string;
  /** A sentence for a person whose browser is not signed in to the pages of an API. */
  readonly signInAdvice: string;
  /** Environment variable that holds the name by which `LocalCloud.invoke` finds a function. */
  readonly functionNameVariable: string;
}

export interface LocalCloudOptions {
  readonly project: LocalProject;
  readonly directory: DataDirectory;
  /** @default 0, any free port */
  readonly port?: number;
  /** True to publish the addresses of the running cloud, for other programs on the machine. @default true */
  readonly isShared?: boolean;
  /** An existing PostgreSQL, as a user who may create roles and databases. @default an embedded one */
  readonly databaseUrl?: string | undefined;
  /** A synthesized assembly. @default the app of the project is synthesized */
  readonly assemblyDir?: string;
  /** Receives denied calls, failed functions and errors of the local cloud itself. */
  readonly onProblem: (problem: Error) => void;
  /** Faults to inject. @default none */
  readonly faults?: FaultPlan;
  /** Skips the time in which messages only wait. @default false */
  readonly timeLapse?: boolean;
}
