import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_STORE, STORE_PATTERN } from '../lambdas/core/upload-key.ts';
import { STAGE_PATTERN } from '../lambdas/shared/stacks.ts';
import { wrongUsage } from './exit-codes.ts';

/** Options that choose the cloud of a command. */
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

/** Adds the options of every command. A local command has only the data directory, and says why it has no stage. */
export function addCommonOptions(command: Command, isLocal: boolean): void {
  command.addOption(
    new Option('--data-dir <dir>', "the local cloud's folder (environment: RETAIL_DATA_DIR)").default(
      process.env.RETAIL_DATA_DIR ?? '.retail',
    ),
  );
  if (isLocal) {
    command.addOption(new Option('--stage <name>').argParser(refuseStage).hideHelp());
    return;
  }
  command
    .addOption(
      new Option('--stage <name>', 'work on this deployed stage instead of the local cloud')
        .argParser(parseStage)
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

export function storeOption(): Option {
  return new Option('--store <name>', 'store of the transactions')
    .argParser(parseStore)
    .default(DEFAULT_STORE);
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

function refuseStage(): never {
  throw new InvalidArgumentError(
    'This command works only on this machine. Deploy a stage with "npx cdk deploy --all -c stage=NAME", then use the other commands with --stage.',
  );
}

function parseStage(name: string): string {
  if (!STAGE_PATTERN.test(name)) {
    throw new InvalidArgumentError(
      "A stage's name has at most 12 lowercase letters and digits, the first a letter.",
    );
  }
  return name;
}

function parseStore(name: string): string {
  if (!STORE_PATTERN.test(name)) {
    throw new InvalidArgumentError('A store\'s name has at most 63 letters, digits, ".", "_" and "-".');
  }
  return name;
}
