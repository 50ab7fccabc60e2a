import type { LocalCloudOptions, StopSteps } from './cloud-options.ts';
import type { RunningCloud } from './data-directory.ts';
import type { TimeLapse } from './faults/time-lapse.ts';
import type { FunctionHost } from './functions/function-host.ts';
import type { Schedule } from './functions/schedule.ts';
import { type RunningFunctions, startFunctions } from './functions/start-functions.ts';
import type { AccessControl } from './iam/access-control.ts';
import { startServices } from './services.ts';

/** Everything that runs, from the synthesized assembly, on this machine. */
export class LocalCloud {
  readonly access: AccessControl;
  /** Where the options ask for one. */
  readonly timeLapse: TimeLapse | undefined;
  #hosts: readonly FunctionHost[];
  #schedule: Schedule;
  #describe: () => RunningCloud;
  #stopSteps: StopSteps;

  private constructor(
    describe: () => RunningCloud,
    access: AccessControl,
    { timeLapse, hosts, schedule }: RunningFunctions,
    stopSteps: StopSteps,
  ) {
    this.#describe = describe;
    this.access = access;
    this.timeLapse = timeLapse;
    this.#hosts = hosts;
    this.#schedule = schedule;
    this.#stopSteps = stopSteps;
  }

  /**
   * Starts all of it, runs the migrations, and lets messages flow.
   * @throws {Error} where a part does not start; what had started is stopped
   */
  static async start(options: LocalCloudOptions): Promise<LocalCloud> {
    const stopSteps: StopSteps = [];
    const { directory } = options;
    directory.lock();
    stopSteps.push(() => directory.release());
    try {
      const services = await startServices(options, stopSteps);
      const functions = await startFunctions(services, options, stopSteps);
      const { endpoint, model, access, secrets } = services;
      const describe = () => {
        return {
          pid: process.pid,
          endpoint,
          databaseUrl: services.databaseUrl(),
          outputs: Object.assign({}, ...model.stacks.map((stack) => stack.outputs)),
        };
      };
      directory.publish(describe());
      // The database's URL has a password in it.
      secrets.onChange = () => directory.publish(describe());
      return new LocalCloud(describe, access, functions, stopSteps);
    } catch (error) {
      await runSteps(stopSteps);
      throw error;
    }
  }

  /** How to reach it, at this moment. */
  get running(): RunningCloud {
    return this.#describe();
  }

  /**
   * Calls a function now, as its schedule would, or its operator where it has none.
   * @param folder the function's folder under `lambdas/`
   * @returns its answer
   */
  async invoke(folder: string): Promise<unknown> {
    const host = this.#hosts.find(({ model }) => model.environment.POWERTOOLS_SERVICE_NAME === folder);
    if (host === undefined) throw new Error(`the assembly has no function ${folder}`);
    return this.#schedule.invoke(host);
  }

  /** For how long, in seconds, each invocation that is under way has run, by function. */
  runningSeconds(): Record<string, number[]> {
    const busy = this.#hosts.filter((host) => host.isBusy);
    return Object.fromEntries(busy.map(({ model, runningSeconds }) => [model.name, runningSeconds]));
  }

  /** Stops everything that was started; messages under way are delivered again at the next start. */
  async stop(): Promise<void> {
    await runSteps(this.#stopSteps);
  }
}

async function runSteps(steps: StopSteps): Promise<void> {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
}
