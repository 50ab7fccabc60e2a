/** Receives that wait for a message, by queue. */
export class LongPolls {
  #waiting = new Map<string, Set<() => void>>();

  /** Resolves after this time, after `wake`, or as soon as the caller has gone. */
  async wait(queueName: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(queueName) ?? new Set();
    this.#waiting.set(queueName, waiting.add(resolve));
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    waiting.delete(resolve);
    clearTimeout(timer);
  }

  /** Lets every receive that waits on a queue look again. */
  wake(queueName: string): void {
    for (const resolve of this.#waiting.get(queueName) ?? []) resolve();
  }
}
