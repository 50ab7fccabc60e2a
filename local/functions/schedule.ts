import type { ScheduleModel } from '../assembly/cloud-model.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { FunctionHost } from './function-host.ts';

const EVENT_BRIDGE: Caller = { arn: 'events.amazonaws.com', kind: 'service', statements: [] };

/** Calls functions at their rates, where they let EventBridge; the first time after one period, as EventBridge. */
export class Schedule {
  #timers: NodeJS.Timeout[] = [];

  /** @param onError hears of an invocation that failed; the next one comes all the same */
  constructor(
    models: readonly ScheduleModel[],
    hosts: readonly FunctionHost[],
    access: AccessControl,
    onError: (error: Error) => void,
  ) {
    for (const { ruleArn, functionArns, everySeconds } of models) {
      const targets = hosts.filter(({ model }) => functionArns.includes(model.arn));
      const invokeAll = () => {
        for (const host of targets) {
          try {
            const source = { 'aws:SourceArn': ruleArn };
            access.authorize(EVENT_BRIDGE, 'lambda:InvokeFunction', host.model.arn, source);
            host.invoke({ 'detail-type': 'Scheduled Event' }).catch(onError);
          } catch (error) {
            onError(error as Error);
          }
        }
      };
      this.#timers.push(setInterval(invokeAll, everySeconds * 1_000));
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
