import type { ScheduleModel } from '../assembly/readers/function-readers.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { FunctionHost } from './function-host.ts';

const EVENT_BRIDGE: Caller = { arn: 'events.amazonaws.com', kind: 'service', statements: [] };

/** Calls functions at their rates with the permissions of EventBridge, first after one period. */
export class Schedule {
  #timers: NodeJS.Timeout[];
  #models: readonly ScheduleModel[];
  #access: AccessControl;

  /** @param onError receives the error of a failed invocation; the schedule continues */
  constructor(
    models: readonly ScheduleModel[],
    hosts: readonly FunctionHost[],
    access: AccessControl,
    onError: (error: Error) => void,
  ) {
    this.#models = models;
    this.#access = access;
    this.#timers = models.map(({ functionArns, everySeconds }) => {
      const targets = hosts.filter(({ model }) => functionArns.includes(model.arn));
      const invokeAll = () => {
        for (const host of targets) this.invoke(host).catch(onError);
      };
      return setInterval(invokeAll, everySeconds * 1_000);
    });
  }

  /**
   * Calls a function now: as EventBridge where a schedule has it, else as its operator.
   * @throws {Error} where it does not let EventBridge, or fails
   */
  async invoke(host: FunctionHost): Promise<unknown> {
    const { arn } = host.model;
    const rule = this.#models.find(({ functionArns }) => functionArns.includes(arn));
    if (rule === undefined) return host.invoke({});
    this.#access.authorize(EVENT_BRIDGE, 'lambda:InvokeFunction', arn, { 'aws:SourceArn': rule.ruleArn });
    return host.invoke({ 'detail-type': 'Scheduled Event' });
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }
}
