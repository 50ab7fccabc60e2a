import { correctedFileName } from '../lambdas/core/upload-key.ts';
import type { CloudClient } from './cloud-client.ts';
import { findDoubleCorrections } from './double-corrections.ts';
import type { LedgerEntry } from './ledger.ts';
import type { Io } from './output/console.ts';
import { formatNumber } from './output/table.ts';
import { countCodes } from './read-rejects.ts';

/** Rows that `printRejects` shows of each upload. */
const ROWS_SHOWN = 5;
const REJECTED_TEXTS = `SELECT format('line %s%s: %s', line, ', ' || nullif(column_name, ''), message) AS text
  FROM ledger.reject_states WHERE state = 'open' AND`;
const CONFLICTING_TEXTS = `SELECT format('line %s: id %s', line, id) AS text
  FROM ledger.other_versions WHERE fate = 'conflict' AND`;

/**
 * Prints the first rejected and conflicting rows of each upload, and the command that shows or writes all of them, and
 * warns of rows that were corrected before.
 */
export async function printRejects(
  client: CloudClient,
  io: Io,
  entries: readonly LedgerEntry[],
): Promise<void> {
  for (const { uploadId, key, rowsRejected, rowsOpen = rowsRejected, rowsConflicting } of entries) {
    const printFirst = async (total: number, title: string, select: string, hint: string) => {
      if (total === 0) return;
      const rows = await client.query(
        `${select} upload_id = CAST(:upload AS uuid) ORDER BY line LIMIT ${ROWS_SHOWN}`,
        { upload: uploadId },
      );
      io.print(['', `${key}: ${formatNumber(total)} ${title}`]);
      if (select === REJECTED_TEXTS && total > rows.length) {
        const codes = await countCodes(client, uploadId, 'open');
        io.print(`  by code: ${codes.map(({ code, rows }) => `${code} ${formatNumber(rows)}`).join(', ')}`);
      }
      for (const { text } of rows) io.print(`  ${text}`);
      if (total > rows.length) io.print(`  … and ${formatNumber(total - rows.length)} more`);
      io.print(`  ${hint}`);
    };
    const command = ['rejects', uploadId.slice(0, 8)];
    const correct = client.commandLine(...command, '--csv', correctedFileName(key));
    const compare = client.commandLine(...command);
    const rejected = rowsOpen < rowsRejected ? 'rejected and still open' : 'rejected';
    await printFirst(rowsOpen, rejected, REJECTED_TEXTS, `to correct them: ${correct}`);
    const conflicting = 'conflicting with an existing row, which stays';
    await printFirst(rowsConflicting, conflicting, CONFLICTING_TEXTS, `to compare both versions: ${compare}`);
  }
  const ids = entries.map(({ uploadId }) => uploadId);
  for (const { key, text } of await findDoubleCorrections(client, ids)) io.note(`Warning: ${key}: ${text}.`);
}
