import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { addDlq } from './commands/dlq.ts';
import { addImportHistory } from './commands/import-history.ts';
import { addLoad } from './commands/load.ts';
import { addQuery } from './commands/query.ts';
import { addRedrive } from './commands/redrive.ts';
import { addRejects } from './commands/rejects.ts';
import { addReplay } from './commands/replay.ts';
import { addUp } from './commands/up.ts';
import { addUploads } from './commands/uploads.ts';
import { addVerify } from './commands/verify.ts';
import { EXIT, type ExitCode, UserError } from './exit-codes.ts';
import { note } from './output/console.ts';

const HELP = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but rows were rejected or in
conflict, or dead letters were found.
With --stage a command works on that deployed stage, with your AWS credentials. Without it, it uses the
local cloud that runs in its data directory, or starts one for its own time.`;

/** The program "retail" with its commands. @param finish hears of the exit code of the command that ran */
export function createProgram(finish: (code: ExitCode) => void): Command {
  const program = new Command('retail')
    .description('Loads the transactions of supermarkets into PostgreSQL, and shows what became of them.')
    .addHelpText('after', HELP)
    .showHelpAfterError('(--help shows how it is used)')
    .exitOverride();
  for (const add of [
    addUp,
    addLoad,
    addImportHistory,
    addUploads,
    addRejects,
    addQuery,
    addVerify,
    addReplay,
    addDlq,
    addRedrive,
  ])
    add(program, finish);
  return program;
}

/**
 * Runs the program.
 * @param argv the arguments, without the program's own name
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    note(`retail: ${(error as Error).message}`);
    if (process.env.RETAIL_DEBUG) note(inspect(error));
    return error instanceof UserError ? error.exitCode : EXIT.failed;
  }
}
