import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_STORE, STORE_PATTERN } from '../lambdas/core/upload-key.ts';
import { STAGE_PATTERN } from '../lambdas/shared/stacks.ts';
import { EXIT, UserError } from './exit-codes.ts';

/** Which cloud a command works on. */
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

const DATA_DIR = 'where the local cloud keeps everything';

/** The options of every command that works on a cloud, local or deployed. */
export function withCommonOptions(command: Command): Command {
  return withDataDir(command)
    .option('--stage <name>', 'work on this deployed stage, not on the local cloud', parseStage)
    .option('--profile <name>', 'the AWS profile for --stage (default: AWS_PROFILE)')
    .option('--region <name>', 'the AWS region for --stage (default: AWS_REGION, or that of the profile)')
    .option('--json', 'print one JSON document, for programs', false)
    .hook('preAction', refuseMixture);
}

/** The options of a command that works on this machine alone. */
export function withLocalOptions(command: Command): Command {
  const refuse = () => {
    throw new InvalidArgumentError(
      `"${command.name()}" works on this machine. A stage is deployed with "npx cdk deploy --all -c stage=NAME", and the other commands work on it.`,
    );
  };
  return withDataDir(command).addOption(new Option('--stage <name>').argParser(refuse).hideHelp());
}

export function withStore(command: Command): Command {
  return command.option('--store <name>', 'the store whose transactions they are', parseStore, DEFAULT_STORE);
}

export function parseWhole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function withDataDir(command: Command): Command {
  return command.addOption(
    new Option('--data-dir <dir>', DATA_DIR).default('.retail').env('RETAIL_DATA_DIR'),
  );
}

/** A value from the environment is no contradiction: it only says where the local cloud would be. */
function refuseMixture(command: Command): void {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  if (isGiven('stage') && isGiven('dataDir')) {
    throw new UserError(
      '--data-dir is of the local cloud, and --stage of a deployed one: give one of them',
      EXIT.wrongUsage,
    );
  }
  const alone = ['profile', 'region'].find((name) => isGiven(name) && !isGiven('stage'));
  if (alone !== undefined) throw new UserError(`--${alone} goes with --stage`, EXIT.wrongUsage);
}

function parseStage(name: string): string {
  if (!STAGE_PATTERN.test(name)) {
    throw new InvalidArgumentError('A stage is called with at most 12 small letters and digits.');
  }
  return name;
}

function parseStore(name: string): string {
  if (!STORE_PATTERN.test(name)) {
    throw new InvalidArgumentError('A store is called with at most 63 letters, digits, ".", "_" and "-".');
  }
  return name;
}
