import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_STORE, STORE_PATTERN } from '../lambdas/contract/upload-key.ts';

export interface CommonOptions {
  readonly dataDir: string;
  readonly json: boolean;
}

export function withDataDir(command: Command): Command {
  return command.addOption(
    new Option('--data-dir <dir>', 'where the local cloud keeps everything')
      .default('.retail')
      .env('RETAIL_DATA_DIR'),
  );
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON document, for programs', false);
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

function parseStore(name: string): string {
  if (!STORE_PATTERN.test(name)) {
    throw new InvalidArgumentError('A store is called with at most 63 letters, digits, ".", "_" and "-".');
  }
  return name;
}
