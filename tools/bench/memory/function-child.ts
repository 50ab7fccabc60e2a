import type { FromWorker, Invocation, WorkerInput } from '../../../local/functions/function-host.ts';
import { serveInvocations } from '../../../local/functions/serve-invocations.ts';

/** What the process has used. */
export interface MemoryUse {
  readonly kind: 'memory';
  /** The largest resident set, of the whole process. */
  readonly peakResidentBytes: number;
  /** What is held after everything else is collected: objects of JavaScript and buffers outside of its heap. */
  readonly heapAfterBytes: number;
}

/** Runs one function in a process of its own, one invocation at a time. Its only argument is a `WorkerInput`. */
const post = (message: FromWorker | MemoryUse) => void process.send!(message);
const answer = await serveInvocations(JSON.parse(process.argv[2]!) as WorkerInput, post);

process.on('message', async (message: Invocation | 'memory') => {
  if (message !== 'memory') return answer(message);
  globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  const peakResidentBytes = process.resourceUsage().maxRSS * 1_024;
  post({ kind: 'memory', peakResidentBytes, heapAfterBytes: heapUsed + external });
});
