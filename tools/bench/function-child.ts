import {
  type FromWorker,
  type Invocation,
  serveInvocations,
  type WorkerInput,
} from '../../local/functions/serve-invocations.ts';

/** Memory of the process. */
export interface MemoryUse {
  readonly kind: 'memory';
  /** Largest resident set of the whole process. */
  readonly peakResidentBytes: number;
  /** Memory in use after a garbage collection: JavaScript objects, and buffers outside the heap. */
  readonly heapAfterBytes: number;
}

/** Runs one function, one invocation at a time. The only argument is a `WorkerInput` as JSON. */
const post = (message: FromWorker | MemoryUse) => void process.send!(message);
const answer = await serveInvocations(JSON.parse(process.argv[2]!) as WorkerInput, post);

process.on('message', async (message: Invocation | 'memory') => {
  if (message !== 'memory') return answer(message);
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  const peakResidentBytes = process.resourceUsage().maxRSS * 1_024;
  post({ kind: 'memory', peakResidentBytes, heapAfterBytes: heapUsed + external });
});
