import type { RowBatch, Upload } from '../contract/row-batch.ts';
import { parseUploadKey } from '../contract/upload-key.ts';
import { dateFromFileName } from './calendar.ts';
import type { Failure } from './csv/header.ts';
import { RecordReader } from './csv/record-reader.ts';
import { Utf8Text } from './csv/utf8-text.ts';
import { RowBatcher } from './row-batcher.ts';
import { type Checkpoint, UploadParse } from './upload-parse.ts';

export interface ParseSettings {
  /** The tax in hundredths of a percent. */
  readonly basisPoints: number;
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
}

/** The bytes of an upload. */
export interface ParseSource {
  /** Cut anywhere; from the checkpoint's byte, where there is one. */
  readonly chunks: AsyncIterable<Uint8Array>;
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
  { chunks, checkpoint }: ParseSource,
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
  const date = dateFromFileName(uploadKey.fileName);
  const parse = new UploadParse(upload, date, settings, checkpoint);
  const reader = new RecordReader(parse, checkpoint?.reader);
  const text = new Utf8Text(checkpoint?.byte ?? 0);
  for await (const chunk of chunks) {
    parse.beginChunk(text.offset, reader.state);
    reader.push(text.push(chunk));
    if (parse.failure !== undefined) break;
    for (const { batch, next } of parse.takeFull()) {
      await sink(batch);
      if (isTimeUp()) return next;
    }
  }
  if (parse.failure === undefined) {
    reader.push(text.end());
    reader.end();
  }
  const failure = parse.failure ?? parse.missingHeader();
  if (failure !== undefined) return refuseUpload(upload, settings, sink, failure);
  for (const { batch } of parse.takeFull()) await sink(batch);
  const { last, totals } = parse.close();
  await sink(last);
  return totals;
}

/** Sends the one batch that says why nothing of an upload was loaded. */
export async function refuseUpload(
  upload: Upload,
  settings: ParseSettings,
  sink: BatchSink,
  failure: Failure,
): Promise<ParseTotals> {
  const batcher = new RowBatcher(upload, {}, settings.maxMessageBytes);
  await sink(batcher.close({ rowsRead: 0, failure }));
  return { batches: 1, rowsRead: 0, rowsRejected: 0, failure };
}
