import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FunctionModel } from '../../local/assembly/readers/function-readers.ts';
import {
  entryPointOf,
  type FunctionAccess,
  functionEnvironment,
} from '../../local/functions/function-environment.ts';
import { FunctionError } from '../../local/functions/function-host.ts';
import type { FromWorker, Invocation } from '../../local/functions/serve-invocations.ts';
import type { MemoryUse } from './function-child.ts';

const CHILD = fileURLToPath(new URL('./function-child.ts', import.meta.url));

export type FunctionProcess = Awaited<ReturnType<typeof startFunction>>;

/**
 * Starts a function of the assembly from its bundle in its own process.
 * @throws {FunctionError} if the function cannot start
 */
export async function startFunction(model: FunctionModel, endpoint: string, secretAccessKey: string) {
  const { name, memoryMiB, arn, timeoutSeconds } = model;
  const access = { endpoint, secretAccessKey, sessionToken: randomUUID() };
  const input = JSON.stringify({ ...entryPointOf(model), functionName: name, memoryMiB });
  const child = fork(CHILD, [input], {
    env: buildEnvironment(model, access),
    execArgv: ['--expose-gc', `--max-old-space-size=${memoryMiB}`],
    // The function's log is not used.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const receive = async (): Promise<FromWorker | MemoryUse> => {
    const [message] = await Promise.race([once(child, 'message'), exited.then(() => [])]);
    return message ?? Promise.reject(new FunctionError(`${name} ended`));
  };
  const ready = await receive();
  if (ready.kind !== 'ready') throw new FunctionError(`${name} cannot start: ${JSON.stringify(ready)}`);
  return {
    name,
    /** @throws {FunctionError} with the error that the function reported */
    async invoke(event: unknown): Promise<unknown> {
      const deadline = Date.now() + timeoutSeconds * 1_000;
      child.send({ requestId: randomUUID(), event, deadline, functionArn: arn } satisfies Invocation);
      const message = await receive();
      if (message.kind === 'result') return message.result;
      throw new FunctionError(`${name} failed: ${JSON.stringify(message)}`);
    },
    async readMemory(): Promise<MemoryUse> {
      child.send('memory');
      return (await receive()) as MemoryUse;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill();
      await exited;
    },
  };
}

/** Builds the environment of a function's process, with the function's own Node options. */
export function buildEnvironment(model: FunctionModel, access: FunctionAccess): NodeJS.ProcessEnv {
  const { NODE_OPTIONS } = model.environment;
  return { PATH: process.env.PATH, ...functionEnvironment(model, access), NODE_OPTIONS };
}
