import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { addCommonOptions, type CommandSpec, type Context } from './command.ts';
import { CHECK } from './commands/check.ts';
import { createCompletion } from './commands/completion.ts';
import { CONSOLE } from './commands/console.ts';
import { CREDENTIALS } from './commands/credentials.ts';
import { DISCARD, DLQ, REDRIVE } from './commands/dlq.ts';
import { DRILL } from './commands/drill.ts';
import { EXPORT } from './commands/export.ts';
import { IMPORT_HISTORY, LOAD } from './commands/load.ts';
import { MOVE } from './commands/move.ts';
import { QUERY } from './commands/query.ts';
import { REJECTS } from './commands/rejects.ts';
import { REPLAY } from './commands/replay.ts';
import { RESTATE } from './commands/restate.ts';
import { RETRACT } from './commands/retract.ts';
import { SEND } from './commands/send.ts';
import { UP } from './commands/up.ts';
import { UPLOADS } from './commands/uploads.ts';
import { VERIFY } from './commands/verify.ts';
import { WAIVE } from './commands/waive.ts';
import { WATCH } from './commands/watch.ts';
import { WEBHOOK_KEY } from './commands/webhook-key.ts';
import { EXIT, type ExitCode, UserError } from './exit-codes.ts';
import { withLocalCloud } from './local-access.ts';
import { terminal } from './output/console.ts';
import { withStage } from './stage-access.ts';

/** Each command takes its own options, which commander checks. */
const COMMANDS: readonly CommandSpec<never>[] = [
  UP,
  CONSOLE,
  CHECK,
  LOAD,
  SEND,
  WATCH,
  IMPORT_HISTORY,
  UPLOADS,
  REJECTS,
  WAIVE,
  QUERY,
  EXPORT,
  VERIFY,
  REPLAY,
  RETRACT,
  RESTATE,
  MOVE,
  DLQ,
  REDRIVE,
  DISCARD,
  DRILL,
  WEBHOOK_KEY,
  CREDENTIALS,
];

const HELP = `
With --stage, a command works on that deployed stage, with your AWS credentials.
Without it, a command works on the local cloud of its data directory, or starts
one for the duration of the command.

Exit codes:
  0  success
  1  failure
  2  wrong usage
  3  success, but rows were rejected or conflicting, or there are dead-letter
     messages`;

/** Connects commands to the terminal. @param parseFile runs the parser, which this program does not import */
export function createTerminalContext(parseFile: Context['parseFile']): Context {
  return {
    io: terminal,
    parseFile,
    withCloud: ({ stage, dataDir, ...options }, work) =>
      stage === undefined
        ? withLocalCloud(dataDir, terminal, work)
        : withStage({ ...options, stage }, terminal, work),
  };
}

/** Builds the program with its commands. @param finish called with the exit code of the command that ran */
export function createProgram(context: Context, finish: (code: ExitCode) => void = () => undefined): Command {
  const { io } = context;
  const program = new Command('retail')
    .description('Load supermarket transactions into PostgreSQL and inspect the results.')
    .version(packageJson.version)
    .addHelpText('after', HELP)
    .showHelpAfterError('(add --help for usage)')
    .configureOutput({
      writeOut: (text) => io.print(text.trimEnd().split('\n')),
      writeErr: (text) => io.note(text.trimEnd().split('\n')),
    })
    .exitOverride();
  for (const spec of [...COMMANDS, createCompletion(() => program.commands)]) {
    const { name, description, argument, options = [], help, run } = spec;
    const command = program.command(name).description(description);
    if (argument !== undefined) command.addArgument(argument);
    for (const option of options) command.addOption(option);
    if (spec.isOffline !== true) addCommonOptions(command, spec.isLocal === true, spec.stageAdvice);
    if (help !== undefined) command.addHelpText('after', `\n${help}`);
    command.action(async () => finish(await run(command.args, command.opts<never>(), context)));
  }
  return program;
}

/**
 * Runs the program.
 * @param argv the arguments, without the program's name
 * @returns the exit code
 */
export async function main(argv: readonly string[], context: Context): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    // Further lines are indented: a value in the message cannot look like a line of this program.
    const text = process.env.RETAIL_DEBUG ? inspect(error) : '';
    context.io.note(
      `retail: ${(error as Error).message}\n${text}`.trimEnd().replaceAll('\n', '\n  ').split('\n'),
    );
    return error instanceof UserError ? error.exitCode : EXIT.failed;
  }
}
