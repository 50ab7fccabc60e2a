import { pathToFileURL } from 'node:url';

export interface WorkerInput {
  readonly modulePath: string;
  readonly exportName: string;
  readonly functionName: string;
  readonly memoryMiB: number;
}

export interface Invocation {
  readonly requestId: string;
  readonly event: unknown;
  /** In milliseconds since the epoch. */
  readonly deadline: number;
  readonly functionArn: string;
}

/** Processor time of the invocation and, for the first one, of the start. */
interface Used {
  readonly cpuMilliseconds: number;
  readonly initMilliseconds: number | undefined;
}

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-error'; readonly error: string }
  | ({ readonly kind: 'error'; readonly error: string } & Used)
  | ({ readonly kind: 'result'; readonly result: unknown } & Used);

type Handler = (event: unknown, context: object) => Promise<unknown>;

/** Loads a function's bundle and posts that it is ready, or why not. @returns what answers an invocation */
export async function serveInvocations(
  { modulePath, exportName, functionName, memoryMiB }: WorkerInput,
  post: (message: FromWorker) => void,
): Promise<(invocation: Invocation) => Promise<void>> {
  let handler: Handler | undefined;
  let initMilliseconds: number | undefined;
  try {
    const module = (await import(pathToFileURL(modulePath).href)) as Record<string, Handler>;
    handler = module[exportName];
    if (handler === undefined) throw new Error(`${modulePath} exports no ${exportName}`);
    initMilliseconds = cpuMilliseconds();
    post({ kind: 'ready' });
  } catch (error) {
    post({ kind: 'init-error', error: describe(error) });
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
    const used = () => ({ cpuMilliseconds: cpuMilliseconds(before), initMilliseconds });
    try {
      const result = await handler!(event, context);
      post({ kind: 'result', result, ...used() });
    } catch (error) {
      post({ kind: 'error', error: describe(error), ...used() });
    }
    initMilliseconds = undefined;
  };
}

function describe(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return `${name}: ${message}`;
}

/** Processor time of this thread since a moment, in milliseconds. */
function cpuMilliseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(since);
  return (user + system) / 1_000;
}
