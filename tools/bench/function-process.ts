import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionModel } from '../../local/assembly/cloud-model.ts';
import { entryPointOf, functionEnvironment } from '../../local/functions/function-environment.ts';
import { type FromWorker, FunctionError, type Invocation } from '../../local/functions/function-host.ts';
import type { MemoryUse } from './function-child.ts';

const CHILD = fileURLToPath(new URL('./function-child.ts', import.meta.url));

/** A function of the assembly, run from its bundle in its own process. */
export class FunctionProcess implements AsyncDisposable {
  readonly model: FunctionModel;
  #child: ChildProcess;

  private constructor(model: FunctionModel, child: ChildProcess) {
    this.model = model;
    this.#child = child;
  }

  /** @throws {FunctionError} if the function cannot start */
  static async start(model: FunctionModel, endpoint: string): Promise<FunctionProcess> {
    const { name, memoryMiB } = model;
    const access = { endpoint, accessKey: name, sessionToken: randomUUID() };
    const input = JSON.stringify({ ...entryPointOf(model), functionName: name, memoryMiB });
    const child = fork(CHILD, [input], {
      env: buildEnvironment(model, access),
      execArgv: ['--expose-gc', `--max-old-space-size=${memoryMiB}`],
      // The function's log is not used.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const started = new FunctionProcess(model, child);
    const message = await started.#next<FromWorker>();
    if (message.kind === 'ready') return started;
    throw new FunctionError(`${name} cannot start: ${JSON.stringify(message)}`);
  }

  /** @throws {FunctionError} with the error that the function reported */
  async invoke(event: unknown): Promise<unknown> {
    const { arn, timeoutSeconds } = this.model;
    const deadline = Date.now() + timeoutSeconds * 1_000;
    this.#child.send({ requestId: randomUUID(), event, deadline, functionArn: arn } satisfies Invocation);
    const message = await this.#next<FromWorker>();
    if (message.kind === 'result') return message.result;
    throw new FunctionError(`${this.model.name} failed: ${JSON.stringify(message)}`);
  }

  async readMemory(): Promise<MemoryUse> {
    this.#child.send('memory');
    return this.#next<MemoryUse>();
  }

  async [Symbol.asyncDispose](): Promise<void> {
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

/** Builds the environment of a function's process, with the function's own Node options. */
export function buildEnvironment(
  model: FunctionModel,
  access: Parameters<typeof functionEnvironment>[1],
): NodeJS.ProcessEnv {
  const { NODE_OPTIONS } = model.environment;
  return { PATH: process.env.PATH, ...functionEnvironment(model, access), NODE_OPTIONS };
}
