import type { Failure } from '../reject-codes.ts';
import type { CallReceipt, Closing, FormatSummary, RowBatch, Upload } from '../row-batch.ts';
import { Batcher } from './batcher.ts';

export interface ParseTotals {
  readonly batches: number;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly failure?: Failure;
}

/** The last batch of an upload, which closes it. */
export interface ClosingBatch {
  readonly batch: RowBatch;
  readonly next: undefined;
  readonly totals: ParseTotals;
}

/**
 * Makes the only batch of an upload that cannot be read.
 * @param format what is known of the file nevertheless
 * @param receipts calls of the file, whose receipts have the reason then
 */
export function refuseUpload(
  upload: Upload,
  failure: Failure,
  format?: FormatSummary,
  receipts?: readonly CallReceipt[],
): ClosingBatch {
  return closeWithoutRows(upload, { failure, ...(format && { format }) }, receipts);
}

/** Makes the only batch of an archive whose files became uploads of their own. */
export function closeUnpacked(upload: Upload, files: number): ClosingBatch {
  return closeWithoutRows(upload, { format: { compression: 'zip', files } });
}

function closeWithoutRows(
  upload: Upload,
  closing: Pick<Closing, 'failure' | 'format'>,
  receipts?: readonly CallReceipt[],
): ClosingBatch {
  const { failure } = closing;
  const batcher = new Batcher(upload, {}, Number.POSITIVE_INFINITY, 1, receipts);
  const batch = batcher.close({ rowsRead: 0, ...closing });
  const totals = { batches: 1, rowsRead: 0, rowsRejected: 0, ...(failure && { failure }) };
  return { batch, next: undefined, totals };
}
