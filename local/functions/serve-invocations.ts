import { pathToFileURL } from 'node:url';
import type { FromWorker, Invocation, WorkerInput } from './function-host.ts';

/** Loads a function's bundle and posts that it is ready, or why not. @returns what answers an invocation */
export async function serveInvocations(
  { modulePath, exportName, functionName, memoryMiB }: WorkerInput,
  post: (message: FromWorker) => void,
): Promise<(invocation: Invocation) => Promise<void>> {
  let handler: Handler | undefined;
  try {
    const module = (await import(pathToFileURL(modulePath).href)) as Record<string, Handler>;
    handler = module[exportName];
    if (handler === undefined) throw new Error(`${modulePath} exports no ${exportName}`);
    post({ kind: 'ready', cpuMilliseconds: cpuMilliseconds() });
  } catch (error) {
    post({ kind: 'init-error', ...describe(error) });
  }
  return async ({ requestId, event, deadline, functionArn }) => {
    const context = {
      awsRequestId: requestId,
      functionName,
      functionVersion: '1',
      invokedFunctionArn: functionArn,
      memoryLimitInMB: String(memoryMiB),
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    const before = process.threadCpuUsage();
    try {
      const result = await handler!(event, context);
      post({ kind: 'result', result, cpuMilliseconds: cpuMilliseconds(before) });
    } catch (error) {
      post({ kind: 'error', ...describe(error), cpuMilliseconds: cpuMilliseconds(before) });
    }
  };
}

type Handler = (event: unknown, context: object) => Promise<unknown>;

function describe(error: unknown): { errorType: string; errorMessage: string; stack?: string } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return { errorType: name, errorMessage: message, ...(stack !== undefined && { stack }) };
}

/** Processor time of this thread since a moment, in milliseconds. */
function cpuMilliseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1_000;
}
