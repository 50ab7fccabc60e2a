/** Name of the worker's file beside the page. The build sets it. */
declare const WORKER_FILE: string;

/** Starts a worker with the parser. */
export function startWorker(): Worker {
  return new Worker(WORKER_FILE, { type: 'module' });
}
