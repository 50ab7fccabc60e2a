import type { FunctionHost } from '../functions/function-host.ts';
import type { SqliteQueueEngine } from '../sqs/sqlite-engine.ts';

const LOOK_MILLISECONDS = 10;
/** So often in a row nothing must be under way before time is passed over. */
const IDLE_LOOKS = 2;

/**
 * Passes over the time in which messages wait for their next try and no function runs: hours of delays take
 * moments. The queues alone live in that time; everything else keeps the machine's.
 */
export class TimeLapse {
  /** How much time was passed over. */
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
