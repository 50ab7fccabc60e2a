import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunningCloud } from '../local/data-directory.ts';
import type { CloudArguments, FromCloud, ToCloud } from './cloud-child.ts';

const PROGRAM = fileURLToPath(new URL('./cloud-child.ts', import.meta.url));

/** A local cloud in its own process: its memory can be measured, and it can be killed and started again. */
export class CloudProcess implements AsyncDisposable {
  running!: RunningCloud;
  /** Calls that no policy allows: the only kind of problem that no fault explains. */
  readonly denied: string[] = [];
  /** Number of times each fault occurred. A kill is also a fault. */
  readonly faults = new Map<string, number>();
  static readonly #open = new Set<CloudProcess>();
  #arguments: CloudArguments;
  #child!: ChildProcess;
  /** Settles when the last start is over: only then has PostgreSQL a process that stops it. */
  #starting: Promise<void>;

  private constructor(args: CloudArguments) {
    this.#arguments = args;
    this.#starting = this.#start();
    CloudProcess.#open.add(this);
  }

  static async start(args: CloudArguments): Promise<CloudProcess> {
    const cloud = new CloudProcess(args);
    await cloud.#starting;
    return cloud;
  }

  /** Stops every cloud of this process, even one that is starting. */
  static async stopAll(): Promise<void> {
    await Promise.all(Array.from(CloudProcess.#open, (cloud) => cloud[Symbol.asyncDispose]()));
  }

  playFaults(seed: number): void {
    this.#child.send({ seed } satisfies ToCloud);
  }

  /** Ends the process with kill -9 and starts another on the data that it left. */
  async killAndRestart(): Promise<void> {
    this.#count('kill -9');
    this.#starting = this.#end('SIGKILL').then(() => this.#start());
    await this.#starting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starting.catch(() => undefined);
    await this.#end('SIGINT');
    CloudProcess.#open.delete(this);
  }

  async #start(): Promise<void> {
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    const child = fork(PROGRAM, [JSON.stringify(this.#arguments)], { stdio: [...stdio] });
    this.#child = child;
    const { promise, resolve, reject } = Promise.withResolvers<RunningCloud>();
    child.once('exit', (code) => reject(new Error(`the local cloud ended with exit code ${code}`)));
    child.on('message', (message: FromCloud) => {
      if (message.kind === 'ready') resolve(message.running);
      else if (message.kind === 'fault') this.#count(message.fault);
      else if (message.kind === 'denied') this.denied.push(message.message);
    });
    this.running = await promise;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  #count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}
