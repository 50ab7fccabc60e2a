/** Output of a command. */
export interface Io {
  /** Writes a line to standard output: results, which programs may read. */
  print(text: string): void;
  /** Writes a line to standard error: remarks for people. */
  note(text: string): void;
  /** Replaces the progress line of a terminal; undefined removes it. */
  showProgress(text: string | undefined): void;
}

// A reader such as `head` may close the pipe: the command still finishes its work.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

let hasProgressLine = false;

export const terminal: Io = {
  print: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  showProgress(text) {
    if (!process.stderr.isTTY || (text === undefined && !hasProgressLine)) return;
    process.stderr.write(`\r\u001b[K${(text ?? '').slice(0, process.stderr.columns ?? 80)}`);
    hasProgressLine = text !== undefined;
  },
};

export const { print, note } = terminal;

export function printJson(value: unknown, io: Io = terminal): void {
  io.print(JSON.stringify(value, null, 2));
}

/** Formats a command of this program as the user has to type it: npm does not put it on the path. */
export function formatCommand(args: string): string {
  const isNpm = process.env.npm_lifecycle_event !== undefined;
  return `${isNpm ? 'npx retail' : 'retail'} ${args}`;
}
