import type { Failure } from './csv/header.ts';
import type { FormatSummary, RowBatch, Upload } from './row-batch.ts';
import { RowBatcher } from './row-batcher.ts';
import { parseUploadKey } from './upload-key.ts';
import type { Checkpoint } from './upload-parse.ts';
import { type ParseSettings, UploadReading } from './upload-reading.ts';

/** The bytes of an upload, unpacked. */
export interface ParseSource {
  /** Cut anywhere; from the checkpoint's byte, where there is one. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What they were unpacked from. @default the object is the text itself */
  readonly compression?: FormatSummary['compression'];
  /** Where an earlier parse stopped. @default the parse begins with the upload */
  readonly checkpoint?: Checkpoint | undefined;
}

/** Takes a batch; it is waited for before more is read. */
export type BatchSink = (batch: RowBatch) => Promise<void>;

/** The end of a parse. */
export interface ParseTotals {
  readonly batches: number;
  readonly rowsRead: number;
  readonly rowsRejected: number;
  readonly failure?: Failure;
}

/**
 * Turns the bytes of an upload into batches. The last batch carries the totals; where the file as a whole
 * cannot be read it is the only one, and carries the reason.
 * @param isTimeUp asked after each batch: the parse then stops
 * @returns the totals, or where to go on: with all batches before it out, and none after it
 */
export async function parseUpload(
  upload: Upload,
  { chunks, compression, checkpoint }: ParseSource,
  settings: ParseSettings,
  sink: BatchSink,
  isTimeUp: () => boolean = () => false,
): Promise<ParseTotals | Checkpoint> {
  const uploadKey = parseUploadKey(upload.key);
  if (uploadKey === undefined) {
    return refuseUpload(upload, settings, sink, {
      code: 'key-invalid',
      message: `The key "${upload.key}" is not incoming/store=<store>/<file name> with a store of letters, digits, ".", "_" and "-".`,
    });
  }
  const reading = new UploadReading(upload, uploadKey.fileName, compression, settings, checkpoint);
  for await (const chunk of chunks) {
    reading.push(chunk);
    if (reading.failure !== undefined) break;
    for (const { batch, next } of reading.takeFull()) {
      await sink(batch);
      if (isTimeUp()) return next;
    }
  }
  if (reading.failure === undefined) reading.end();
  if (reading.failure !== undefined) {
    return refuseUpload(upload, settings, sink, reading.failure, reading.summary);
  }
  for (const { batch } of reading.takeFull()) await sink(batch);
  const { last, totals } = reading.close();
  await sink(last);
  return totals;
}

/**
 * Sends the one batch that says why nothing of an upload was loaded.
 * @param format what is known of the file nevertheless
 */
export async function refuseUpload(
  upload: Upload,
  settings: ParseSettings,
  sink: BatchSink,
  failure: Failure,
  format?: FormatSummary,
): Promise<ParseTotals> {
  const batcher = new RowBatcher(upload, {}, settings.maxMessageBytes);
  await sink(batcher.close({ rowsRead: 0, failure, ...(format && { format }) }));
  return { batches: 1, rowsRead: 0, rowsRejected: 0, failure };
}
