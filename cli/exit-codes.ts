/** What the program's exit code says. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** Done, but rows were rejected or in conflict. */
  rowsSetAside: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that the user can understand and mend: its message is printed as it is. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
