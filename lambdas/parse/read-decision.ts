import { text } from 'node:stream/consumers';
import { refuseUpload } from '../core/batches/closing-batch.ts';
import { parseDecision } from '../core/decision.ts';
import type { ParsedBatch } from '../core/parse.ts';
import type { Upload } from '../core/row-batch.ts';
import type { Rules } from '../core/rules.ts';
import { DELETED } from './bytes/open-object.ts';
import { UnreadableObjectError, type VersionReader } from './bytes/version-reader.ts';

/** More than the longest decision that the core accepts. */
const MAX_BYTES = 262_144;

/**
 * Reads the object of a decision, which has one batch and no rows.
 * @param isLastTry refuses an object that S3 does not return; otherwise the error is thrown
 */
export async function readDecision(
  upload: Upload,
  version: VersionReader,
  { closeAfterDays }: Pick<Rules, 'closeAfterDays'>,
  isLastTry: boolean,
): Promise<ParsedBatch> {
  try {
    const object = await version.read();
    if (object === undefined) return refuseUpload(upload, DELETED);
    const isTooLong = object.length > MAX_BYTES;
    if (isTooLong) object.body.destroy();
    // The text of an object that is too long is not a decision.
    const decision = parseDecision(upload, isTooLong ? '' : await text(object.body), closeAfterDays);
    return 'failure' in decision
      ? refuseUpload(upload, decision.failure)
      : { ...decision, next: undefined, totals: { batches: 1, rowsRead: 0, rowsRejected: 0 } };
  } catch (error) {
    if (!isLastTry || !(error instanceof UnreadableObjectError)) throw error;
    return refuseUpload(upload, error.failure);
  }
}
