import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionModel } from '../../../local/assembly/cloud-model.ts';
import { entryPointOf, functionEnvironment } from '../../../local/functions/function-environment.ts';
import { type FromWorker, FunctionError, type Invocation } from '../../../local/functions/function-host.ts';
import type { MemoryUse } from './function-child.ts';

const CHILD = fileURLToPath(new URL('./function-child.ts', import.meta.url));

/** A function of the assembly, from its bundle, in a process that has nothing else to do. */
export class FunctionProcess {
  readonly model: FunctionModel;
  #child: ChildProcess;

  private constructor(model: FunctionModel, child: ChildProcess) {
    this.model = model;
    this.#child = child;
  }

  /** @throws {FunctionError} where it cannot start */
  static async start(model: FunctionModel, endpoint: string): Promise<FunctionProcess> {
    const { name, memoryMiB, environment } = model;
    const access = { endpoint, accessKey: name, sessionToken: randomUUID() };
    const input = JSON.stringify({ ...entryPointOf(model), functionName: name, memoryMiB });
    const child = fork(CHILD, [input], {
      env: {
        PATH: process.env.PATH,
        ...functionEnvironment(model, access),
        NODE_OPTIONS: environment.NODE_OPTIONS,
      },
      execArgv: ['--expose-gc', `--max-old-space-size=${memoryMiB}`],
      // What it logs is of no interest here.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const started = new FunctionProcess(model, child);
    const message = await started.#next<FromWorker>();
    if (message.kind === 'ready') return started;
    throw new FunctionError(`${name} cannot start: ${JSON.stringify(message)}`);
  }

  /** @throws {FunctionError} with what the function reported */
  async invoke(event: unknown): Promise<unknown> {
    const { arn, timeoutSeconds } = this.model;
    const deadline = Date.now() + timeoutSeconds * 1_000;
    this.#child.send({ requestId: randomUUID(), event, deadline, functionArn: arn } satisfies Invocation);
    const message = await this.#next<FromWorker>();
    if (message.kind === 'result') return message.result;
    throw new FunctionError(`${this.model.name} failed: ${JSON.stringify(message)}`);
  }

  async memory(): Promise<MemoryUse> {
    this.#child.send('memory');
    return this.#next<MemoryUse>();
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }

  async #next<Message>(): Promise<Message> {
    const { promise, resolve, reject } = Promise.withResolvers<Message>();
    const onExit = () => reject(new FunctionError(`${this.model.name} ended`));
    this.#child.once('message', resolve as (message: unknown) => void).once('exit', onExit);
    return promise.finally(() => this.#child.off('exit', onExit));
  }
}
