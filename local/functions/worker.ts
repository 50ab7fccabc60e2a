import { parentPort, workerData } from 'node:worker_threads';
import { serveInvocations, type WorkerInput } from './serve-invocations.ts';

/** Program of a function's worker thread: loads the bundle once, then serves one invocation at a time. */
const answer = await serveInvocations(workerData as WorkerInput, (message) =>
  parentPort!.postMessage(message),
);
parentPort!.on('message', answer);
