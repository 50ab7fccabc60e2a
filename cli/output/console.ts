import { escapeText } from './escape.ts';

/** Output of a command. Control characters of a text are escaped, so that no value can change the terminal or add a line. */
export interface Io {
  /** Writes a line, or several, to standard output: results, which programs may read. */
  print(lines: string | readonly string[]): void;
  /** Writes a line, or several, to standard error: remarks for people. */
  note(lines: string | readonly string[]): void;
  /**
   * Replaces the progress line of a terminal; undefined removes it. Without a terminal, a plain line is written from time
   * to time.
   * @param share of the work that is done, from 0 to 1, for a bar
   */
  showProgress(text: string | undefined, share?: number): void;
}

// A reader such as `head` may close the pipe, and a person the terminal: the command still finishes its work.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
}

interface Writers {
  readonly print: (text: string) => void;
  readonly note: (text: string) => void;
  readonly showProgress: (text: string | undefined, share?: number) => void;
}

/** Builds the output of a command from functions that write a text as it is. */
export function createIo({ print, note, showProgress }: Writers): Io {
  const format = (lines: string | readonly string[]) => [lines].flat().map(escapeText).join('\n');
  return {
    print: (lines) => print(format(lines)),
    note: (lines) => note(format(lines)),
    showProgress: (text, share) => showProgress(text && escapeText(text), share),
  };
}

/** Columns of a progress bar. */
const BAR_WIDTH = 24;
/** Time between two plain lines of progress, in milliseconds. */
const PLAIN_INTERVAL = 10_000;

/** Stream that shows the progress. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Makes the function that shows progress on a stream. */
export function createProgressLine(
  stream: ProgressStream,
  now: () => number = Date.now,
): Writers['showProgress'] {
  let hasLine = false;
  let lastPlain: number | undefined;
  return (text, share) => {
    if (!stream.isTTY) {
      lastPlain ??= now();
      if (text === undefined || now() - lastPlain < PLAIN_INTERVAL) return;
      lastPlain = now();
      stream.write(`${text}\n`);
      return;
    }
    if (text === undefined && !hasLine) return;
    const filled = Math.round((share ?? 0) * BAR_WIDTH);
    const bar = share === undefined ? '' : `[${'#'.repeat(filled).padEnd(BAR_WIDTH, '.')}] `;
    stream.write(`\r\u001b[K${(text === undefined ? '' : bar + text).slice(0, (stream.columns ?? 80) - 1)}`);
    hasLine = text !== undefined;
  };
}

export const terminal: Io = createIo({
  print: (text) => void process.stdout.write(`${text}\n`),
  note: (text) => void process.stderr.write(`${text}\n`),
  showProgress: createProgressLine(process.stderr),
});

export const { print, note } = terminal;

/** Prints a value as JSON. An escaped character is the same value in JSON. */
export function printJson(value: unknown, io: Io = terminal): void {
  io.print(JSON.stringify(value, null, 2).split('\n'));
}

/** Formats a command of this program as the user has to type it: npm does not put it on the path. */
export function formatCommand(...words: readonly string[]): string {
  const isNpm = process.env.npm_lifecycle_event !== undefined;
  return [isNpm ? 'npx retail' : 'retail', ...words.map(quoteForShell)].join(' ');
}

/** Quotes a word for a POSIX shell. A word with control characters needs a shell that knows `$'…'`, such as bash or zsh. */
export function quoteForShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (escapeText(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${escapeText(word.replace(/[\\']/g, '\\$&'))}'`;
}
