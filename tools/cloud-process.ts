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
  #arguments: CloudArguments;
  #child!: ChildProcess;

  private constructor(args: CloudArguments) {
    this.#arguments = args;
  }

  static async start(args: CloudArguments): Promise<CloudProcess> {
    const cloud = new CloudProcess(args);
    await cloud.#start();
    return cloud;
  }

  playFaults(seed: number): void {
    this.#child.send({ seed } satisfies ToCloud);
  }

  /** Ends the process with kill -9 and starts another on the data that it left. */
  async killAndRestart(): Promise<void> {
    this.#count('kill -9');
    await this.#end('SIGKILL');
    await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGINT');
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
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }

  #count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}
