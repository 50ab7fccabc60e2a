import { availableParallelism } from 'node:os';

/** Copies of a function that run at a time even on a machine with one processor. */
const MIN_COPIES = 2;
/** Lambda developer guide, "Lambda quotas": concurrent executions of an account. */
const ACCOUNT_CONCURRENCY = 1_000;

/** Copies of one function that this machine runs at a time. */
export function maxCopies(): number {
  return Math.max(MIN_COPIES, availableParallelism());
}

/** Lambda has no room for another invocation. */
export class ThrottledError extends Error {
  override readonly name = 'ThrottledError';
}

/**
 * Lets a few direct calls of a function run at a time, and the others wait in their order: on AWS all of them would run,
 * up to the concurrency of an account.
 */
export class ConcurrencyLimit {
  #running = 0;
  #waiting: (() => void)[] = [];
  #maxRunning: number;
  #maxCalls: number;

  constructor(maxRunning = maxCopies(), maxCalls = ACCOUNT_CONCURRENCY) {
    this.#maxRunning = maxRunning;
    this.#maxCalls = maxCalls;
  }

  /** @throws {ThrottledError} if too many calls run and wait */
  async run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#running + this.#waiting.length >= this.#maxCalls) throw new ThrottledError('Rate Exceeded.');
    if (this.#running >= this.#maxRunning) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await call();
    } finally {
      // The next call takes over the place of this one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
