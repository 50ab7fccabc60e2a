import type { Verdict } from '../../lambdas/core/verdict.ts';
import type { FileToCheck, WorkerAnswer } from './messages.ts';
import { startWorker } from './start-worker.ts';

/** How far the parser is in a file. */
export type Progress = Pick<WorkerAnswer & { kind: 'progress' }, 'rows' | 'bytes'>;

/**
 * Lets the parser judge a file in a worker. Nothing is sent.
 * @param signal ends the worker
 * @throws {Error} if the file cannot be read
 */
export function checkFile(
  file: FileToCheck,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const end = (settle: () => void) => {
      worker.terminate();
      signal.removeEventListener('abort', cancel);
      settle();
    };
    const cancel = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', cancel);
    worker.addEventListener('error', ({ message }) =>
      end(() => reject(new Error(message || 'The parser cannot be loaded. Reload the page.'))),
    );
    worker.addEventListener('message', ({ data }: MessageEvent<WorkerAnswer>) => {
      if (data.kind === 'progress') onProgress(data);
      else if (data.kind === 'done') end(() => resolve(data.verdicts));
      else end(() => reject(new Error(data.message)));
    });
    if (signal.aborted) cancel();
    else worker.postMessage(file);
  });
}
