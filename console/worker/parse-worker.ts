import { Judge } from '../../lambdas/core/verdict.ts';
import type { WorkerAnswer, WorkerRequest } from './messages.ts';
import { readBatches } from './read-batches.ts';

/** Rejected rows of a file that the page shows before the file is sent. */
const MAX_REJECTED = 2_000;
const PROGRESS_MILLISECONDS = 100;

/** Runs the parser beside the page, so that a large file does not freeze it. */
addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => {
  const answer = (message: WorkerAnswer) => postMessage(message);
  check(data, answer).then(
    (verdicts) => answer({ kind: 'done', verdicts }),
    (error: Error) => answer({ kind: 'failed', message: error.message }),
  );
});

async function check({ file, ...request }: WorkerRequest, answer: (message: WorkerAnswer) => void) {
  const judge = new Judge(MAX_REJECTED);
  let rows = 0;
  let bytes = 0;
  let toldAt = 0;
  const tell = () => {
    const now = Date.now();
    if (now - toldAt < PROGRESS_MILLISECONDS) return;
    toldAt = now;
    answer({ kind: 'progress', rows, bytes });
  };
  const onRead = (read: number) => {
    // An archive of one file is read twice.
    bytes = Math.min(file.size, bytes + read);
    tell();
  };
  for await (const batch of readBatches(file, { ...request, onRead })) {
    judge.add(batch);
    rows += batch.rowCount + batch.rejects.length;
    tell();
  }
  return judge.verdicts;
}
