import type { FunctionModel } from '../../../local/assembly/cloud-model.ts';
import type { LocalCloudOptions, StopSteps } from '../../../local/cloud-options.ts';
import type { RunningCloud } from '../../../local/data-directory.ts';
import { EventSourcePoller } from '../../../local/functions/event-source-poller.ts';
import type { Caller } from '../../../local/iam/access-control.ts';
import { type CloudServices, startServices } from '../../../local/services.ts';
import { FunctionProcess } from './function-process.ts';

/** The services of a local cloud here, and one copy each of parser and consumer in processes of their own. */
export class FunctionCloud {
  #services: CloudServices;
  #stopSteps: StopSteps;
  #onProblem: (problem: Error) => void;
  #functions = new Map<string, FunctionProcess>();
  #pollers: readonly EventSourcePoller[] = [];

  private constructor(services: CloudServices, stopSteps: StopSteps, onProblem: (problem: Error) => void) {
    this.#services = services;
    this.#stopSteps = stopSteps;
    this.#onProblem = onProblem;
  }

  static async start(options: LocalCloudOptions): Promise<FunctionCloud> {
    const stopSteps: StopSteps = [];
    const services = await startServices(options, stopSteps);
    const cloud = new FunctionCloud(services, stopSteps, options.onProblem);
    const { model, access } = services;
    for (const fn of model.functions) access.addCaller(fn.name, callerOf(fn));
    for (const name of model.triggers) {
      const trigger = await cloud.#startFunction(name);
      await trigger.invoke({});
      await trigger.stop();
    }
    return cloud;
  }

  get running(): RunningCloud {
    const { endpoint, model } = this.#services;
    const outputs = Object.assign({}, ...model.stacks.map((stack) => stack.outputs)) as Record<
      string,
      string
    >;
    return { pid: process.pid, endpoint, databaseUrl: this.#services.databaseUrl(), outputs };
  }

  /** Starts a process for each function that a queue feeds, lets something be measured, and ends them. */
  async withFunctions<Result>(
    work: (functions: readonly FunctionProcess[]) => Promise<Result>,
  ): Promise<Result> {
    const { eventSources } = this.#services.model;
    try {
      for (const { functionName } of eventSources) {
        this.#functions.set(functionName, await this.#startFunction(functionName));
      }
      this.#startPollers();
      return await work([...this.#functions.values()]);
    } finally {
      for (const fn of this.#functions.values()) await fn.stop();
    }
  }

  async stop(): Promise<void> {
    for (let step = this.#stopSteps.pop(); step !== undefined; step = this.#stopSteps.pop()) await step();
  }

  /** Once: they outlive the processes, and find those that are there. */
  #startPollers(): void {
    if (this.#pollers.length > 0) return;
    const { model, sqs } = this.#services;
    this.#pollers = model.eventSources.map((source) => {
      const fn = model.functions.find(({ name }) => name === source.functionName)!;
      return new EventSourcePoller({
        source: { ...source, maxConcurrency: 1 },
        queueUrl: model.queues.find(({ arn }) => arn === source.queueArn)!.url,
        sqs,
        host: { invoke: (event) => this.#functions.get(fn.name)!.invoke(event) },
        caller: callerOf(fn),
        onError: this.#onProblem,
      });
    });
    for (const poller of this.#pollers) poller.start();
    this.#stopSteps.push(() => {
      for (const poller of this.#pollers) poller.stop();
    });
  }

  #startFunction(name: string): Promise<FunctionProcess> {
    const { model, endpoint } = this.#services;
    return FunctionProcess.start(model.functions.find((fn) => fn.name === name)!, endpoint);
  }
}

function callerOf({ arn, statements }: FunctionModel): Caller {
  return { arn, kind: 'function', statements };
}
