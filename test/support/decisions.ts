import type pg from 'pg';
import { buildDecisionKey, type Decision, parseDecision } from '../../lambdas/core/decision.ts';
import { encodeMessage, type RowBatch, type Upload } from '../../lambdas/core/row-batch.ts';
import { loadText } from './batches.ts';

/** The batch of a decision that is made at a time about the object version of an upload. */
export function decisionOf(
  number: number,
  { kind, time, ...rest }: Pick<Decision, 'kind' | 'lines' | 'force'> & { readonly time: string },
  { key, versionId }: Pick<Upload, 'key' | 'versionId'>,
  closeAfterDays?: number,
): RowBatch {
  const suffix = number.toString(16).padStart(8, '0');
  const upload: Upload = {
    uploadId: `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`,
    fileId: `00000000-0000-4000-a000-${String(number).padStart(12, '0')}`,
    bucket: 'bucket',
    key: buildDecisionKey(kind, new Date(time), suffix),
    versionId: String(number),
    storeId: 'main',
    revision: 'r1',
    receivedAt: time,
  };
  const decision = { version: 1, kind, file: { key, versionId }, reason: 'A test.', by: 'tester', ...rest };
  const parsed = parseDecision(upload, JSON.stringify(decision), closeAfterDays);
  if ('failure' in parsed) throw new Error(parsed.failure.message);
  return parsed.batch;
}

/** Loads a batch as the loader does: again, while there is more to do. @returns the first result */
export async function loadFully(loader: pg.Client, batch: RowBatch): Promise<Record<string, unknown>> {
  const message = encodeMessage(batch);
  const first = await loadText(loader, message);
  for (let { more } = first; more; ) ({ more } = await loadText(loader, message));
  return first;
}
