import { objectToRejects } from '../core/batches/reject-limit.ts';
import { type Checkpoint, type ParseSettings, parseBatches } from '../core/parse.ts';
import type { Failure } from '../core/reject-codes.ts';
import type { CallReceipt, Upload } from '../core/row-batch.ts';
import type { ClosableBytes } from './first-reading.ts';

/**
 * Counts the rejected rows of a file and keeps nothing else, so that a file with too many is refused before any of its
 * rows is loaded.
 * @param isTimeUp is asked after each batch
 * @returns the reason to refuse the file, with the calls in it, or the point at which the count continues if the time is up
 */
export async function countRejects(
  upload: Upload,
  bytes: ClosableBytes,
  settings: ParseSettings,
  maxRejectedRows: number,
  isTimeUp: () => boolean,
): Promise<{
  readonly failure?: Failure;
  readonly receipts?: readonly CallReceipt[] | undefined;
  readonly next?: Checkpoint;
}> {
  // Files with calls are short: one invocation counts them from the first batch, which has their receipts.
  let receipts: readonly CallReceipt[] | undefined;
  try {
    for await (const parsed of parseBatches(upload, bytes, settings)) {
      receipts ??= parsed.batch.receipts;
      const failure = objectToRejects(parsed, maxRejectedRows);
      if (failure !== undefined) return { failure, receipts };
      if (parsed.next !== undefined && isTimeUp()) return { next: parsed.next };
    }
    return {};
  } finally {
    bytes.close();
  }
}
