import type { Argument, Option } from 'commander';
import type { CloudClient } from './cloud-client.ts';
import type { ExitCode } from './exit-codes.ts';
import type { CloudOptions } from './options.ts';
import type { Io } from './output/console.ts';

/** Surroundings of a command, which tests replace. */
export interface Context {
  readonly io: Io;
  /** Runs some work on the cloud that the options name. */
  readonly withCloud: <Result>(
    options: CloudOptions,
    work: (client: CloudClient) => Promise<Result>,
  ) => Promise<Result>;
}

/** A command of the program as data: main.ts makes it a command of commander. */
export interface CommandSpec<Options> {
  readonly name: string;
  readonly description: string;
  readonly argument?: Argument;
  /** Options besides those of every command. */
  readonly options?: readonly Option[];
  /** Text below the options. */
  readonly help?: string;
  /** True for a command that works only on this machine. */
  readonly isLocal?: true;
  /** @throws {UserError} */
  readonly run: (args: readonly string[], options: Options, context: Context) => Promise<ExitCode>;
}
