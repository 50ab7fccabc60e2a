import type { LocalCloudOptions, LocalProject } from './cloud-options.ts';
import type { RunningCloud } from './data-directory.ts';
import { DiskFullError, explainFullDisk, isDiskFull } from './disk-space.ts';
import type { TimeLapse } from './functions/start-functions.ts';
import { type RunningFunctions, startFunctions } from './functions/start-functions.ts';
import type { AccessControl } from './iam/access-control.ts';
import type { AccessKeys } from './iam/access-keys.ts';
import { type CloudServices, startServices } from './services.ts';

/** A synthesized assembly that runs on this machine. */
export class LocalCloud {
  #project: LocalProject;
  #services: CloudServices;
  #functions: RunningFunctions;
  /** Stops the parts, the last one first. */
  #started = new AsyncDisposableStack();

  private constructor(project: LocalProject, services: CloudServices, functions: RunningFunctions) {
    this.#project = project;
    this.#services = services;
    this.#functions = functions;
  }

  /**
   * Starts the services, calls the functions that a deployment calls (the migrations), and lets messages flow.
   * @throws {Error} if a part does not start; the parts that had started are stopped
   */
  static async start(options: LocalCloudOptions): Promise<LocalCloud> {
    const { path } = options.directory;
    try {
      return await LocalCloud.#start({ ...options, onProblem: explainFullDisk(path, options.onProblem) });
    } catch (error) {
      throw isDiskFull(error) ? new DiskFullError(path, { cause: error }) : error;
    }
  }

  static async #start(options: LocalCloudOptions): Promise<LocalCloud> {
    await using started = new AsyncDisposableStack();
    const { directory, project, isShared = true } = options;
    directory.lock();
    started.defer(() => directory.release());
    const services = await startServices(options, started);
    const functions = await startFunctions(services, options, started);
    const cloud = new LocalCloud(project, services, functions);
    services.control.serveScheduled({
      names: functions.schedule.hosts.map(({ model }) => model.environment[project.functionNameVariable]!),
      invoke: (name) => cloud.invoke(name),
    });
    if (isShared) {
      directory.publish(cloud.running);
      // The published URL of the database has a password in it.
      services.secrets.onChange = () => directory.publish(cloud.running);
    }
    cloud.#started = started.move();
    return cloud;
  }

  get access(): AccessControl {
    return this.#services.access;
  }

  get keys(): AccessKeys {
    return this.#services.keys;
  }

  get timeLapse(): TimeLapse | undefined {
    return this.#functions.timeLapse;
  }

  get running(): RunningCloud {
    const { access, keys, endpoint, model, databaseUrl, signInSecret } = this.#services;
    const outputs = Object.assign({}, ...model.stacks.map((stack) => stack.outputs));
    const secrets = access.userAccessKeys().map((id) => [id, keys.secretOf(id)]);
    const accessKeys = Object.fromEntries(secrets) as Record<string, string>;
    return { pid: process.pid, endpoint, databaseUrl: databaseUrl(), accessKeys, outputs, signInSecret };
  }

  /**
   * Calls a function now, as its schedule does, or as an operator does if it has no schedule.
   * @param name value of the project's `functionNameVariable` in the environment of the function
   * @returns the answer of the function
   */
  async invoke(name: string): Promise<unknown> {
    const { hosts, schedule } = this.#functions;
    const variable = this.#project.functionNameVariable;
    const host = hosts.find(({ model }) => model.environment[variable] === name);
    if (host === undefined) throw new Error(`the assembly has no function whose ${variable} is ${name}`);
    return schedule.invoke(host);
  }

  /** Stops all parts. Messages in flight are delivered again after the next start. */
  async stop(): Promise<void> {
    await this.#started.disposeAsync();
  }
}
