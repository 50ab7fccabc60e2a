import type { StackOutputs } from '../lambdas/shared/stack-outputs.ts';

/** How the clients of the SDK reach a cloud; what is undefined comes from the usual AWS chain. */
export interface Connection {
  readonly endpoint?: string;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** What a command works on: the deployed stacks of a stage, or those that run on this machine. */
export interface CloudAccess {
  readonly connection: Connection;
  readonly outputs: StackOutputs;
  /** What stands behind a command so that it works on the same cloud; empty for the local one. */
  readonly flags: string;
  /** As messages call it. */
  readonly name: string;
  /** What becomes of uploads that are under way when it does not answer any more. */
  readonly afterLoss: string;
  /** From one look at uploads under way to the next. */
  readonly pollMilliseconds: number;
}
