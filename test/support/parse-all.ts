import type { ParseTotals } from '../../lambdas/core/batches/closing-batch.ts';
import {
  type Checkpoint,
  type ParseSettings,
  parseBatches,
  type UploadBytes,
} from '../../lambdas/core/parse.ts';
import type { RejectedRow, RowBatch, Upload } from '../../lambdas/core/row-batch.ts';

export interface Parsed {
  readonly batches: RowBatch[];
  readonly rejects: RejectedRow[];
  readonly totals: ParseTotals;
  /** The checkpoint after each batch but the last. */
  readonly checkpoints: Checkpoint[];
}

/** Parses chunks of bytes, or an opened object, without a stop. */
export async function parseAll(
  upload: Upload,
  content: Iterable<Uint8Array> | UploadBytes,
  settings: ParseSettings,
): Promise<Parsed> {
  const batches: RowBatch[] = [];
  const checkpoints: Checkpoint[] = [];
  async function* toChunks(pieces: Iterable<Uint8Array>) {
    yield* pieces;
  }
  const bytes = 'chunks' in content ? content : { chunks: toChunks(content) };
  for await (const parsed of parseBatches(upload, bytes, settings)) {
    batches.push(parsed.batch);
    if (parsed.next !== undefined) checkpoints.push(parsed.next);
    else {
      const rejects = batches.flatMap((batch) => batch.rejects);
      return { batches, rejects, totals: parsed.totals, checkpoints };
    }
  }
  throw new Error('the parse ended without a closing batch');
}
