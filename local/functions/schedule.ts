import type { ScheduleModel } from '../assembly/cloud-model.ts';
import type { FunctionHost } from './function-host.ts';

/** Calls functions at their rates; the first time after one period, as EventBridge. */
export class Schedule {
  #timers: NodeJS.Timeout[] = [];

  /** @param onError hears of an invocation that failed; the next one comes all the same */
  constructor(
    models: readonly ScheduleModel[],
    hosts: readonly FunctionHost[],
    onError: (error: Error) => void,
  ) {
    for (const { functionArns, everySeconds } of models) {
      const targets = hosts.filter(({ model }) => functionArns.includes(model.arn));
      const invokeAll = () => {
        for (const host of targets) host.invoke({ 'detail-type': 'Scheduled Event' }).catch(onError);
      };
      this.#timers.push(setInterval(invokeAll, everySeconds * 1_000));
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
