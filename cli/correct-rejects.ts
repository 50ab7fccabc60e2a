import { appendFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { writeRejectedHeader, writeRejectedRow } from '../lambdas/core/rejected-csv.ts';
import { DAY_IN_FILE_NAME, removeEnding } from '../lambdas/core/upload-key.ts';
import type { CloudClient } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import type { FoundUpload } from './ledger.ts';
import { readRejected } from './read-rejects.ts';

const DATE_COLUMN = /(^|[,;\t|])\s*["']?transaction_date["']?\s*([,;\t|]|$)/i;

/** Names a file for the corrected rows of an object: it keeps the date of the object's name. */
export function correctedFileName(key: string): string {
  const stem = removeEnding(basename(key));
  const [suffix, number = '1'] = /_corrected(?:_(\d+))?$/.exec(stem) ?? [];
  return suffix === undefined
    ? `${stem}_corrected.csv`
    : `${stem.slice(0, -suffix.length)}_corrected_${Number(number) + 1}.csv`;
}

/** True if a file's name or header gives the date of its transactions. */
export function hasDate(fileName: string, header: string): boolean {
  return DAY_IN_FILE_NAME.test(fileName) || DATE_COLUMN.test(header);
}

/**
 * Writes the rejected rows of an upload to a new CSV file, each after the columns that describe its problem.
 * @returns the number of rows; without rows no file is written
 * @throws {UserError} if the header is unknown or the file cannot be written
 */
export async function writeRejects(
  client: CloudClient,
  { uploadId, key, storeId, header, format }: FoundUpload,
  path: string,
): Promise<number> {
  if (header === null) {
    throw new UserError(
      `the ledger has no header of ${key}: find its rejected rows in the bucket under rejected/store=${storeId}/`,
    );
  }
  let count = 0;
  for await (const rows of readRejected(client, uploadId)) {
    const text = rows.map((row) => writeRejectedRow(row, format)).join('');
    if (count > 0) await appendFile(path, text);
    else {
      await writeFile(path, writeRejectedHeader(header, format) + text, { flag: 'wx' }).catch(
        (cause: Error) => {
          throw new UserError(`${path} cannot be written: ${cause.message}`, EXIT.failed, { cause });
        },
      );
    }
    count += rows.length;
  }
  return count;
}
