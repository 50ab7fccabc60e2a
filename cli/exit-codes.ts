export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** Success, but rows were rejected or conflicting, or there are dead-letter messages. */
  rowsSetAside: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An error that the user can understand and fix: its message is printed without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Wrong use of a command: the program exits with 2. */
export function wrongUsage(message: string): UserError {
  return new UserError(message, EXIT.wrongUsage);
}
