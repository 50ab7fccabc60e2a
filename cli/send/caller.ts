import { retry } from '../../lambdas/shared/retry.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import type { CallLimits, Line } from './group-lines.ts';

/** An item that the API refused, by its place in the call. */
export interface RefusedItem {
  /** From 0. */
  readonly index: number;
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** Answer to a call that the API accepted. Over a WebSocket it has only the first refused items. */
export interface CallAnswer {
  readonly receipt: string;
  readonly accepted: number;
  readonly refused: readonly RefusedItem[];
}

/** A way to send calls. */
export interface Caller {
  readonly limits: CallLimits;
  /** Sends the lines of a call until the API accepts them. @throws {UserError} if another try cannot help */
  send(lines: readonly Line[]): Promise<CallAnswer>;
  close(): void;
}

/** A failure that passes: the same call can be sent again, and has the same receipt. */
export class PassingError extends Error {
  override readonly name = 'PassingError';
  /** Time that the API asks to wait, in seconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, options: ErrorOptions & { retryAfter?: number | undefined } = {}) {
    super(message, options);
    this.retryAfter = options.retryAfter;
  }
}

const MAX_ATTEMPTS = 10;
const MAX_DELAY_MILLISECONDS = 30_000;
const MAX_RETRY_AFTER_SECONDS = 120;

export interface Patience {
  /** Called before each further try. */
  readonly onRetry: (error: PassingError) => void;
  /** Delay before the second try; it doubles with each further one. @default 1,000 */
  readonly firstDelayMilliseconds?: number;
}

/**
 * Does some work again while its failures pass, for about three minutes.
 * @throws {UserError} after the last try
 */
export async function retryPassing<Result>(
  work: () => Promise<Result>,
  { onRetry, firstDelayMilliseconds = 1_000 }: Patience,
): Promise<Result> {
  try {
    return await retry(work, {
      shouldRetry: (error, attempt) => {
        const isRetried = error instanceof PassingError && attempt < MAX_ATTEMPTS;
        if (isRetried) onRetry(error);
        return isRetried;
      },
      delay: (attempt, error) => {
        const { retryAfter } = error as Partial<PassingError>;
        const asked = retryAfter && Math.min(retryAfter, MAX_RETRY_AFTER_SECONDS) * 1_000;
        const own = Math.min(MAX_DELAY_MILLISECONDS, firstDelayMilliseconds * 2 ** (attempt - 1));
        // Spreads the tries of calls that failed together.
        return (asked ?? own) * (1 + Math.random() / 4);
      },
    });
  } catch (error) {
    if (!(error instanceof PassingError)) throw error;
    throw new UserError(`${error.message}, ${MAX_ATTEMPTS} times`, EXIT.failed, { cause: error });
  }
}
