import type pg from 'pg';
import { Batcher } from '../../lambdas/core/batches/batcher.ts';
import {
  type Closing,
  encodeMessage,
  type RejectedRow,
  type RowBatch,
  type Upload,
} from '../../lambdas/core/row-batch.ts';
import { DEFAULT_RULES } from '../../lambdas/core/rules.ts';
import { parseUploadKey } from '../../lambdas/core/upload-key.ts';
import { computeFileId, computeUploadId } from '../../lambdas/shared/upload-id.ts';
import { type Parsed, parseAll } from './parse-all.ts';
import { valuesOf } from './upload-fixture.ts';

const HEADER = 'id,category,description,quantity,amount_excl_tax,amount_inc_tax';

export const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** An upload that has the number in its id, key and version. */
export function numberedUpload(number: number, changes: Partial<Upload> = {}): Upload {
  return {
    uploadId: uuid(number),
    fileId: uuid(number),
    bucket: 'bucket',
    key: `incoming/${number}.csv`,
    versionId: String(number),
    storeId: 'main',
    revision: 'r1',
    receivedAt: '2024-01-01T00:00:00Z',
    ...changes,
  };
}

export interface BatchContent {
  /** Rows with ids of these numbers, which are their lines too, and with one name. */
  readonly ids?: readonly number[];
  readonly name?: string;
  /** Further rows. */
  readonly rows?: readonly { readonly id: number; readonly line: number; readonly name: string }[];
  /** Lines of rows that were rejected. */
  readonly rejectedLines?: readonly number[];
  /** Set for the last batch of its upload. */
  readonly closing?: Omit<Closing, 'batches'>;
}

/** A batch as the parser makes it. */
export function batchOf(
  upload: Upload,
  batch: number,
  { ids = [], name = 'Soap', rows = [], rejectedLines = [], closing }: BatchContent,
): RowBatch {
  const batcher = new Batcher(upload, { date: '2024-01-01', header: HEADER }, 1_000_000, batch);
  // A repeated id has a separate line.
  const own = ids.map((id, index) => ({
    id,
    line: id + 1_000_000 * ids.slice(0, index).filter((other) => other === id).length,
    name,
  }));
  for (const { id, line, name: ownName } of [...own, ...rows]) {
    batcher.addRow(line, valuesOf({ id: uuid(id), name: ownName }));
  }
  for (const line of rejectedLines) {
    const reject: RejectedRow = {
      line,
      column: 'id',
      code: 'id-missing',
      message: 'The id is empty.',
      text: ',SELL',
    };
    batcher.addReject(reject);
  }
  const { closing: last, ...open } = batcher.close({ rowsRead: 0, ...closing });
  return closing === undefined ? open : { ...open, closing: last! };
}

/** The message of the parser for an object version that was deleted before it was read. */
export function deletedObject(upload: Upload): RowBatch {
  const failure = { code: 'object-deleted', message: 'The object version was deleted.' } as const;
  return batchOf(upload, 1, { closing: { rowsRead: 0, failure } });
}

/** Loads a batch. @returns what the load function says of its rows */
export async function load(loader: pg.Client, batch: RowBatch): Promise<Record<string, unknown>> {
  return loadText(loader, encodeMessage(batch));
}

export async function loadText(loader: pg.Client, message: string): Promise<Record<string, unknown>> {
  const { rows } = await loader.query('SELECT ledger.load_batch($1) AS result', [message]);
  return rows[0].result;
}

/** Parses a file as if it were uploaded now under the key, and loads its batches. */
export async function loadFile(
  loader: pg.Client,
  key: string,
  content: string | Uint8Array,
  versionId = 'v1',
): Promise<Parsed> {
  const object = { bucket: 'bucket', key, versionId, revision: 'r1' };
  const upload = {
    ...object,
    uploadId: computeUploadId(object),
    fileId: computeFileId(object),
    storeId: parseUploadKey(key)!.storeId,
    receivedAt: new Date().toISOString(),
  };
  const settings = { rules: DEFAULT_RULES, maxMessageBytes: 1_000_000 };
  const parsed = await parseAll(upload, [Buffer.from(content)], settings);
  for (const batch of parsed.batches) await load(loader, batch);
  return parsed;
}
