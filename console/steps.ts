/** Time for which work may keep the page from answering. */
const STEP_MILLISECONDS = 8;

/**
 * Runs work in small steps, between which the page answers. The first step runs at once.
 * @param work gives way wherever it may be interrupted
 * @throws the reason of the signal, which ends the work
 */
export async function runInSteps<Result>(
  work: Iterator<unknown, Result>,
  signal?: AbortSignal,
): Promise<Result> {
  for (;;) {
    signal?.throwIfAborted();
    const end = performance.now() + STEP_MILLISECONDS;
    do {
      const { done, value } = work.next();
      if (done) return value;
    } while (performance.now() < end);
    await answer();
  }
}

/** Lets the page answer. Unlike a timer, a message comes at once, also to a page in the background. */
function answer(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
