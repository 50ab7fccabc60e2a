import type { DataDirectory } from './data-directory.ts';
import type { FaultPlan } from './faults/fault-plan.ts';

export interface LocalCloudOptions {
  readonly directory: DataDirectory;
  /** @default 0, any free port */
  readonly port?: number;
  /** A PostgreSQL to use, as a user who may create roles and databases. @default an embedded one */
  readonly databaseUrl?: string | undefined;
  /** An assembly to run. @default the CDK app is synthesized */
  readonly assemblyDir?: string;
  /** Hears of what goes wrong: denied calls, failed functions. */
  readonly onProblem: (problem: Error) => void;
  /** What is to go wrong. @default nothing */
  readonly faults?: FaultPlan;
  /** Passes over the time in which messages only wait. @default false */
  readonly timeLapse?: boolean;
}

/** What stops the parts that have started, the last one first. */
export type StopSteps = (() => unknown)[];
