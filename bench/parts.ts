import { createReadStream } from 'node:fs';
import pg from 'pg';
import type { RowBatch, Upload } from '../lambdas/contract/row-batch.ts';
import { uploadIdOf } from '../lambdas/contract/upload-id.ts';
import { parseBasisPoints } from '../lambdas/core/money.ts';
import { parseUpload } from '../lambdas/core/parse-upload.ts';
import { encodeBatch } from '../lambdas/core/row-batcher.ts';

const SETTINGS = {
  basisPoints: parseBasisPoints('20'),
  maxMessageBytes: 1_048_576,
  unknownColumns: 'ignore',
} as const;

/** What a part of the path took on its own. */
export interface PartTime {
  readonly seconds: number;
  readonly messages: readonly string[];
}

/** Parsing, validating and encoding, from a file to messages, with nothing else running. */
export async function timeParse(file: string, key: string): Promise<PartTime> {
  const upload: Upload = {
    uploadId: uploadIdOf('bench', key, 'parts', 'parts'),
    bucket: 'bench',
    key,
    versionId: 'parts',
    storeId: 'main',
    revision: 'parts',
    receivedAt: new Date().toISOString(),
  };
  const messages: string[] = [];
  const sink = async (batch: RowBatch) => void messages.push(encodeBatch(batch));
  const started = performance.now();
  await parseUpload(upload, { chunks: createReadStream(file) }, SETTINGS, sink);
  return { seconds: (performance.now() - started) / 1_000, messages };
}

/** Loading the messages straight into PostgreSQL, over so many connections, with nothing else running. */
export async function timeLoad(
  adminUrl: string,
  messages: readonly string[],
  connections: number,
): Promise<number> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: connections });
  const left = [...messages].reverse();
  const started = performance.now();
  const load = async () => {
    for (let message = left.pop(); message !== undefined; message = left.pop()) {
      await pool.query('SELECT ledger.load_batch(CAST($1 AS json))', [message]);
    }
  };
  await Promise.all(Array.from({ length: connections }, load));
  const seconds = (performance.now() - started) / 1_000;
  await pool.end();
  return seconds;
}
