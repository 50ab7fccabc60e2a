import { type ParseTotals, parseUpload } from '../../lambdas/core/parse-upload.ts';
import type { RejectedRow, RowBatch, Upload } from '../../lambdas/core/row-batch.ts';
import type { ParseSettings } from '../../lambdas/core/upload-reading.ts';

export interface Parsed {
  readonly batches: RowBatch[];
  readonly rejects: RejectedRow[];
  readonly totals: ParseTotals;
}

/** Parses pieces of bytes in one go. */
export async function parseAll(
  upload: Upload,
  pieces: Iterable<Uint8Array>,
  settings: ParseSettings,
): Promise<Parsed> {
  const batches: RowBatch[] = [];
  async function* chunks() {
    yield* pieces;
  }
  const sink = async (batch: RowBatch) => void batches.push(batch);
  const totals = await parseUpload(upload, { chunks: chunks() }, settings, sink);
  if ('format' in totals) throw new Error('a parse with all the time of the world stopped');
  return { batches, rejects: batches.flatMap(({ rejects }) => rejects), totals };
}
