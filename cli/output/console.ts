// Whoever reads it may have read enough, as `head` has; what was begun comes to its end all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

/** What programs read: standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What people read beside it: standard error. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** One line that is written over and over, where standard error is a terminal; elsewhere nothing. */
export class ProgressLine {
  #shown = false;

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\u001b[K${text.slice(0, process.stderr.columns ?? 80)}`);
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\u001b[K');
    this.#shown = false;
  }
}
