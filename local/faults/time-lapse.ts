import type { FunctionHost } from '../functions/function-host.ts';
import type { SqliteQueueEngine } from '../sqs/sqlite-engine.ts';

const LOOK_MILLISECONDS = 10;
/** Consecutive looks without any work in progress before time is skipped. */
const IDLE_LOOKS = 2;

/**
 * Skips the time in which messages wait for their next try and no function runs, so that hours of delays take
 * moments. Only the queues see this time; everything else uses the machine's clock.
 */
export class TimeLapse {
  /** Total time skipped. */
  elapsedSeconds = 0;
  #timer: NodeJS.Timeout;

  constructor(queues: SqliteQueueEngine, hosts: readonly FunctionHost[]) {
    let idleLooks = 0;
    this.#timer = setInterval(() => {
      const seconds = hosts.some((host) => host.isBusy) ? undefined : queues.secondsToNextMessage();
      idleLooks = seconds === undefined ? 0 : idleLooks + 1;
      if (seconds === undefined || idleLooks < IDLE_LOOKS) return;
      queues.passTime(seconds);
      this.elapsedSeconds += seconds;
    }, LOOK_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
