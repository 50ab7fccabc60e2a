import { type Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { RowBatch } from '../lambdas/core/row-batch.ts';
import { isIsoDate } from '../lambdas/core/rows/dates.ts';
import { DEFAULT_STORE, STORE_PATTERN } from '../lambdas/core/upload-key.ts';
import { STAGE_PATTERN } from '../lambdas/shared/stacks.ts';
import type { CloudClient } from './cloud-client.ts';
import { type ExitCode, wrongUsage } from './exit-codes.ts';
import type { LocalFile } from './find-files.ts';
import { defaultDataDir } from './local-project.ts';
import type { Io } from './output/console.ts';

export interface CloudOptions {
  /** Undefined for the local cloud. */
  readonly stage?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly dataDir: string;
}

export interface CommonOptions extends CloudOptions {
  readonly json: boolean;
}

/**
 * Parses a file of this machine as the parser of a stage does, by the settings of this project.
 * @param stage defaults to `dev`
 * @param onBatch is called for each batch of the file, and of the files in it
 */
export type ParseFile = (
  file: LocalFile,
  stage: string | undefined,
  onBatch: (batch: RowBatch) => Promise<void>,
) => Promise<void>;

/** Surroundings of a command, which tests replace. */
export interface Context {
  readonly io: Io;
  readonly parseFile: ParseFile;
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
  readonly options?: readonly Option[];
  readonly help?: string;
  /** True for a command that works only on this machine. */
  readonly isLocal?: true;
  /** True for a command that works without any cloud, and has only its own options. */
  readonly isOffline?: true;
  /** Said to a user who gives a local command a stage. */
  readonly stageAdvice?: string;
  readonly run: (args: readonly string[], options: Options, context: Context) => Promise<ExitCode>;
}

const LOCAL_ONLY =
  'This command works only on this machine. Deploy a stage with "npx cdk deploy --all -c stage=NAME", then use the other commands with --stage.';

/** Adds the options of every command. A local command has only the data directory, and says why it has no stage. */
export function addCommonOptions(command: Command, isLocal: boolean, stageAdvice = LOCAL_ONLY): void {
  command.addOption(
    new Option('--data-dir <dir>', "the local cloud's folder (environment: RETAIL_DATA_DIR)").default(
      defaultDataDir(),
    ),
  );
  if (isLocal) {
    const refuse = () => {
      throw new InvalidArgumentError(stageAdvice);
    };
    command.addOption(new Option('--stage <name>').argParser(refuse).hideHelp());
    return;
  }
  command
    .addOption(
      new Option('--stage <name>', 'work on this deployed stage instead of the local cloud')
        .argParser(
          parseName(
            STAGE_PATTERN,
            "A stage's name has at most 12 lowercase letters and digits, the first a letter.",
          ),
        )
        .conflicts('dataDir'),
    )
    .option('--profile <name>', 'AWS profile for --stage (default: AWS_PROFILE)')
    .option('--region <name>', "AWS region for --stage (default: AWS_REGION, or the profile's region)")
    .option('--json', 'print one JSON document, for programs', false)
    .hook('preAction', () => {
      const { stage, profile, region } = command.opts<CloudOptions>();
      if (stage === undefined && (profile ?? region) !== undefined) {
        throw wrongUsage(`${profile === undefined ? '--region' : '--profile'} requires --stage`);
      }
    });
}

export function storeOption(defaultText = `that of a folder store=NAME, or else "${DEFAULT_STORE}"`): Option {
  return new Option('--store <name>', `store of the transactions (default: ${defaultText})`).argParser(
    parseName(STORE_PATTERN, 'A store\'s name has at most 63 letters, digits, ".", "_" and "-".'),
  );
}

/** Builds an option that may be repeated and collects its values. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description)
    .argParser((value: string, previous: readonly string[]) => [...previous, value])
    .default([], 'none');
}

/** Returns a parser of whole numbers for an option. */
export function parseWhole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Checks the value of an option that is a day. */
export function parseDay(text: string): string {
  if (!isIsoDate(text)) {
    throw new InvalidArgumentError('Use an existing date of the form YYYY-MM-DD.');
  }
  return text;
}

/** Returns a parser of names for an option. @param rule said to a user whose name breaks it */
export function parseName(pattern: RegExp, rule: string): (name: string) => string {
  return (name) => {
    if (!pattern.test(name)) throw new InvalidArgumentError(rule);
    return name;
  };
}
