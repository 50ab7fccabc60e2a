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
      const { rowsRead, rowsRejected } = parsed.next ?? parsed.totals;
      if (rowsRejected > maxRejectedRows) {
        const [read, rejected, limit] = [rowsRead, rowsRejected, maxRejectedRows].map(formatNumber);
        const [example] = parsed.batch.rejects;
        const message =
          `Of the first ${read} rows, ${rejected} break a rule. The setting retail:maxRejectedRows allows ${limit}. ` +
          `${example === undefined ? '' : `For example, line ${example.line}: ${example.message} `}` +
          'Correct the file and upload it again, or raise the setting.';
        return { failure: { code: 'too-many-rejected-rows', message }, receipts };
      }
      if (parsed.next !== undefined && isTimeUp()) return { next: parsed.next };
    }
    return {};
  } finally {
    bytes.close();
  }
}

function formatNumber(number: number): string {
  return number.toLocaleString('en-US');
}
