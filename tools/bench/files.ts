import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CloudClient, PutUpload } from '../../cli/cloud-client.ts';
import { waitForUploads } from '../../cli/wait-for-uploads.ts';
import { buildUploadKey, DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { generateCsv } from '../generator/generator.ts';

/** Day of every row. */
export const DATE = '2025-03-17';

export function buildFileName(suffix: string | number): string {
  return `retail_17_03_2025_${suffix}.csv`;
}

export function buildKey(fileName: string): string {
  return buildUploadKey({ storeId: DEFAULT_STORE, fileName });
}

/** Generates the bytes of a file. The same seed gives the same file, and another seed gives other ids. */
export async function* generateBytes(rows: number, seed: number): AsyncGenerator<Uint8Array> {
  for (const piece of generateCsv({ rows, seed, date: DATE, days: 1, broken: 0 })) yield Buffer.from(piece);
}

export async function writeSample(file: string, rows: number, seed: number): Promise<void> {
  await pipeline(Readable.from(generateBytes(rows, seed)), createWriteStream(file));
}

/** Uploads a file and waits until it is loaded. @returns seconds, as `finishLoad` measures them */
export async function loadFile(client: CloudClient, file: string, rows: number): Promise<number> {
  const upload = await client.putFile(file, buildKey(basename(file)), () => undefined);
  return finishLoad(client, upload, rows);
}

/**
 * Waits until an upload is loaded.
 * @returns seconds from the moment at which the object is in the bucket until its upload is complete
 * @throws {Error} if not every row was inserted
 */
export async function finishLoad(client: CloudClient, upload: PutUpload, rows: number): Promise<number> {
  const [entry] = await waitForUploads(client, [upload]);
  if (entry?.status !== 'complete' || entry.rowsInserted !== rows) {
    throw new Error(`the pipeline did not load ${upload.key}: ${JSON.stringify(entry)}`);
  }
  return (Date.parse(entry.completedAt!) - Date.parse(entry.receivedAt)) / 1_000;
}
