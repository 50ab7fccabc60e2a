#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, UserError } from '../cli/exit-codes.ts';
import { note } from '../cli/output/console.ts';
import { addAccess } from './access/command.ts';
import { addBench } from './bench/command.ts';
import { addChaos } from './chaos/command.ts';
import { addCost } from './cost/command.ts';
import { addGenerate } from './generator/command.ts';

/** Builds the program of the development tools. Its actions set `process.exitCode` if they find a problem. */
export function createTools(): Command {
  const program = new Command('tools')
    .description('Measure, test and estimate the pipeline')
    .showHelpAfterError('(--help shows the options)')
    .exitOverride();
  for (const add of [addAccess, addBench, addChaos, addCost, addGenerate]) add(program);
  return program;
}

if (import.meta.main) {
  try {
    await createTools().parseAsync();
  } catch (error) {
    process.exitCode = report(error as Error);
  }
  // A connection that is still open must not keep the process alive.
  process.exit();
}

function report(error: Error): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
  if (error instanceof UserError) {
    note(error.message);
    return error.exitCode;
  }
  note((error.stack ?? error.message).split('\n'));
  return EXIT.failed;
}
