import { Command, InvalidArgumentError, Option } from 'commander';
import { parseWhole } from '../../cli/options.ts';
import { PARTS, type PartOptions } from './parts.ts';

const MOST_ROWS = 100_000_000;

export interface Options extends PartOptions {
  /** Names of `PARTS`. */
  readonly only: readonly string[];
  readonly json: boolean;
  readonly write: boolean;
}

/** What the command line asks for. @throws {CommanderError} where it is wrong, or asks for help */
export function readOptions(args: readonly string[]): Options {
  const names = Object.keys(PARTS).join(', ');
  const options = new Command('bench')
    .description(
      'measure the pipeline: rows a second beside PostgreSQL’s COPY, waiting, memory, starts, requests',
    )
    .option('--rows <n>', 'rows of the file', parseWhole(1, MOST_ROWS), 1_000_000)
    .option('--runs <n>', 'small files', parseWhole(1, 10_000), 50)
    .addOption(
      new Option('--only <parts>', `of ${names}`).argParser(parseParts).default(Object.keys(PARTS), 'all'),
    )
    .option('--memory-rows <list>', 'rows of each file that memory is measured with', parseRows)
    .option('--growth-rows <list>', 'rows of each file whose cost is measured', parseRows)
    .option(
      '--counted-rows <list>',
      'rows of files whose requests are counted from the parse alone',
      parseRows,
      [],
    )
    .option('--json', 'print one JSON document', false)
    .option('--write', 'write docs/performance.json, the picture and the tables made of it', false)
    .showHelpAfterError('(--help shows how it is used)')
    .exitOverride()
    .parse(args, { from: 'user' })
    .opts<Omit<Options, 'memoryRows' | 'growthRows'> & Partial<Options>>();
  const { rows } = options;
  const tenth = [...new Set([Math.max(1, Math.floor(rows / 10)), rows])];
  return { memoryRows: tenth, growthRows: tenth, ...options };
}

function parseParts(text: string): string[] {
  const parts = text.split(',');
  const unknown = parts.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown === undefined) return parts;
  throw new InvalidArgumentError(
    `There is no part "${unknown}": the parts are ${Object.keys(PARTS).join(', ')}.`,
  );
}

function parseRows(text: string): number[] {
  return text.split(',').map(parseWhole(1, MOST_ROWS));
}
