/** Retrying cannot help: the message itself is at fault. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError';
}

/** Retrying helps, sooner or later: something that the work needs is not there right now. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** What an error means for the message that met it. */
export type ErrorKind = 'transient' | 'permanent' | 'unknown';
