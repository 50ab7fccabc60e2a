import { appendFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { plural } from '../lambdas/core/plural.ts';
import { RejectedCsv } from '../lambdas/core/rejected-csv.ts';
import { correctedFileName, readDateFromName } from '../lambdas/core/upload-key.ts';
import type { CloudClient } from './cloud-client.ts';
import { EXIT, UserError } from './exit-codes.ts';
import type { FoundUpload } from './ledger.ts';
import type { Io } from './output/console.ts';
import { formatNumber } from './output/table.ts';
import { readRejected } from './read-rejects.ts';

/** Without it, Excel reads a CSV in the code page of the computer, and saves other letters. */
export const BYTE_ORDER_MARK = '\ufeff';
const DATE_COLUMN = /(^|[,;\t|])\s*["']?transaction_date["']?\s*([,;\t|]|$)/i;

/**
 * Writes the rejected rows of an upload to a new CSV file, each after the columns that describe its problem.
 * @param which of them: those that are open, or all
 */
export async function writeRejects(
  client: CloudClient,
  io: Io,
  upload: FoundUpload,
  path: string,
  which: 'open' | 'all',
): Promise<void> {
  const { uploadId, fileId, key, storeId, header, format } = upload;
  if (header === null) {
    throw new UserError(
      `the ledger has no header of ${key}: find its rejected rows in the bucket under rejected/store=${storeId}/`,
    );
  }
  const csv = new RejectedCsv(header, fileId, format);
  let count = 0;
  for await (const rows of readRejected(client, uploadId, which)) {
    if (count === 0) {
      await writeFile(path, BYTE_ORDER_MARK + csv.formatHeader(), { flag: 'wx' }).catch((cause: Error) => {
        throw new UserError(`${path} cannot be written: ${cause.message}`, EXIT.failed, { cause });
      });
    }
    await appendFile(path, rows.map((row) => csv.formatRow(row)).join(''));
    count += rows.length;
  }
  if (count === 0) {
    io.print(`${key} has no ${which === 'open' ? 'open ' : ''}rejected rows: no file was written.`);
    return;
  }
  io.print(
    `Wrote ${formatNumber(count)} ${which === 'open' ? 'open ' : ''}rejected ${plural(count, 'row')} of ${key} to ${path}.`,
  );
  const recommended = correctedFileName(key);
  // The date of a store's own files may be in a title or form of name that its profile knows.
  const isLoadable = basename(path) === recommended || hasDate(basename(path), header);
  const corrected = isLoadable ? path : join(dirname(path), recommended);
  const rename = isLoadable ? '' : `, rename the file to ${corrected}, since a name has the date`;
  io.print([
    `Correct ${plural(count, 'it', 'the rows')} there, keep the columns reject_* (they tie each row to its correction)${rename}, and load the file with`,
    `  ${client.commandLine('load', corrected, '--store', storeId)}`,
  ]);
}

/** True if a file's name or header gives the date of its transactions. */
export function hasDate(fileName: string, header: string): boolean {
  return readDateFromName(fileName) !== undefined || DATE_COLUMN.test(header);
}
