import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import type { FunctionModel } from '../assembly/readers/function-readers.ts';
import { entryPointOf, functionEnvironment, youngGenerationMiB } from './function-environment.ts';
import { platformLines } from './platform-log.ts';
import type { FromWorker, Invocation, WorkerInput } from './serve-invocations.ts';

/** A function threw, could not start, or ran out of time or memory. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/** Receives what a function does. */
interface FunctionMeter {
  invoked(functionName: string, milliseconds: number, hasFailed: boolean): void;
  throttled(functionName: string): void;
  /** A whole line of the function's log. */
  logged(line: string): void;
}

interface FunctionHostProps {
  readonly model: FunctionModel;
  readonly endpoint: string;
  readonly secretAccessKey: string;
  readonly logFile: string;
  /** Receives the error of a log that cannot be written; its lines are dropped until it can. */
  readonly onLogError?: (error: Error) => void;
  /** Called for each copy of the function that starts. */
  readonly onStart?: () => void;
  /** Measures the function. @default nothing does */
  readonly meter?: FunctionMeter;
}

/** Runs one function from its bundle, with a worker thread for each concurrent invocation. */
export class FunctionHost {
  readonly model: FunctionModel;
  #props: FunctionHostProps;
  #idle: Worker[] = [];
  #running = 0;
  /** Session token of each copy of the function, which its calls carry. */
  #copies = new Map<Worker, string>();

  constructor(props: FunctionHostProps) {
    this.model = props.model;
    this.#props = props;
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  /**
   * @param timeoutSeconds shorter than in the template to test a timeout
   * @throws {FunctionError} with the error that the function reported
   */
  async invoke(event: unknown, timeoutSeconds: number = this.model.timeoutSeconds): Promise<unknown> {
    this.#running++;
    const started = performance.now();
    let hasFailed = true;
    try {
      const result = await this.#invoke(event, timeoutSeconds);
      hasFailed = false;
      return result;
    } finally {
      this.#running--;
      this.#props.meter?.invoked(this.model.name, performance.now() - started, hasFailed);
    }
  }

  /** Notes an invocation that was refused because too many run. */
  noteThrottled(): void {
    this.#props.meter?.throttled(this.model.name);
  }

  /** Ends the copy of the function with this session token in the middle of its work. */
  async crash(sessionToken: string): Promise<void> {
    const [worker] = [...this.#copies].find(([, token]) => token === sessionToken) ?? [];
    await worker?.terminate();
  }

  async #invoke(event: unknown, timeoutSeconds: number): Promise<unknown> {
    const { arn, name, memoryMiB } = this.model;
    const worker = this.#idle.pop() ?? (await this.#start());
    const requestId = randomUUID();
    const deadline = Date.now() + timeoutSeconds * 1_000;
    const answer = nextMessage(worker, name);
    const started = performance.now();
    const timer = setTimeout(() => void worker.terminate(), timeoutSeconds * 1_000);
    worker.postMessage({ requestId, event, deadline, functionArn: arn } satisfies Invocation);
    try {
      const message = await answer;
      if (message.kind === 'error' || message.kind === 'result') {
        const durationMilliseconds = performance.now() - started;
        this.#log(platformLines({ requestId, durationMilliseconds, memoryMiB, ...message }));
        // A busy machine can report the answer and the end of a copy at once: nothing answers after that.
        if (this.#copies.has(worker)) this.#idle.push(worker);
      }
      if (message.kind === 'result') return message.result;
      throw new FunctionError(`${name} failed: ${describe(message)}`);
    } catch (error) {
      if (Date.now() < deadline) throw error;
      throw new FunctionError(`${name} failed: Task timed out after ${timeoutSeconds} seconds`, {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#copies.keys()].map((worker) => worker.terminate()));
  }

  #log(text: string | Buffer): void {
    try {
      appendFileSync(this.#props.logFile, text);
    } catch (error) {
      this.#props.onLogError?.(error as Error);
    }
  }

  async #start(): Promise<Worker> {
    const { name, memoryMiB } = this.model;
    const sessionToken = randomUUID();
    const maxYoungGenerationSizeMb = youngGenerationMiB(this.model);
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...entryPointOf(this.model), functionName: name, memoryMiB } satisfies WorkerInput,
      env: functionEnvironment(this.model, { ...this.#props, sessionToken }),
      resourceLimits: {
        maxOldGenerationSizeMb: memoryMiB,
        ...(maxYoungGenerationSizeMb !== undefined && { maxYoungGenerationSizeMb }),
      },
      execArgv: ['--enable-source-maps', '--disable-warning=ExperimentalWarning'],
      stdout: true,
      stderr: true,
    });
    this.#copies.set(worker, sessionToken);
    this.#props.onStart?.();
    worker.on('exit', () => {
      this.#copies.delete(worker);
      this.#idle = this.#idle.filter((idle) => idle !== worker);
    });
    for (const output of [worker.stdout, worker.stderr]) output.on('data', (text) => this.#log(text));
    const { meter } = this.#props;
    if (meter) createInterface({ input: worker.stdout }).on('line', (line) => meter.logged(line));
    const message = await nextMessage(worker, name);
    if (message.kind === 'ready') return worker;
    await worker.terminate();
    throw new FunctionError(`${name} cannot start: ${describe(message)}`);
  }
}

function nextMessage(worker: Worker, name: string): Promise<FromWorker> {
  const { promise, resolve, reject } = Promise.withResolvers<FromWorker>();
  const onExit = () => reject(new FunctionError(`${name} failed: Runtime exited`));
  const onError = (error: Error) =>
    reject(new FunctionError(`${name} failed: ${error.message}`, { cause: error }));
  worker.once('message', resolve);
  worker.once('exit', onExit);
  worker.once('error', onError);
  return promise.finally(() => {
    worker.off('message', resolve);
    worker.off('exit', onExit);
    worker.off('error', onError);
  });
}

function describe(message: FromWorker): string {
  return 'error' in message ? message.error : message.kind;
}
