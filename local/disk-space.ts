import { statfsSync } from 'node:fs';

/** Time for which the same lack of space is not reported again. */
const QUIET_MILLISECONDS = 60_000;
/** Size of an empty data directory, and of the logs that PostgreSQL needs to work. */
const NEEDED_MIB = 100;
/** Codes of Node.js, of SQLite ("Result and Error Codes") and of PostgreSQL (manual, appendix A). */
const FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 13, '53100']);
const FULL_TEXT = /no space left on device|disk is full|disk quota exceeded/i;

/** The disk with the data directory is full. Work waits until there is space again. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';

  constructor(dir: string, options?: ErrorOptions) {
    const { bavail, bsize } = statfsSync(dir);
    const free = Math.floor((bavail * bsize) / 1024 ** 2);
    super(
      `no space left on device: the data directory ${dir} has ${free} MiB free and needs at least ${NEEDED_MIB}. ` +
        'Free some space; nothing that was uploaded is lost',
      options,
    );
  }
}

/** Tells whether an error, or one of its causes, says that a disk is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode, message, cause } = error as Error & { code?: unknown; errcode?: unknown };
  return (
    [code, errcode].some((value) => FULL_CODES.has(value)) || FULL_TEXT.test(message) || isDiskFull(cause)
  );
}

/** Replaces the errors of a full disk by one that says what to do, and leaves out its repetitions. */
export function explainFullDisk(dir: string, report: (problem: Error) => void): (problem: Error) => void {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (problem) => {
    if (!isDiskFull(problem)) {
      report(problem);
    } else if (performance.now() - reportedAt > QUIET_MILLISECONDS) {
      reportedAt = performance.now();
      report(new DiskFullError(dir, { cause: problem }));
    }
  };
}
