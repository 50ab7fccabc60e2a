import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerInput } from './function-host.ts';
import { serveInvocations } from './serve-invocations.ts';

/** Runs inside the worker thread of one function: loads its bundle once, then one invocation at a time. */
const answer = await serveInvocations(workerData as WorkerInput, (message) =>
  parentPort!.postMessage(message),
);
parentPort!.on('message', answer);
