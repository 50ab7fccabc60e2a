import type { CloudClient } from './cloud-client.ts';
import { correctedFileName } from './corrected-file.ts';
import type { LedgerEntry } from './ledger.ts';
import { print } from './output/console.ts';

/** More of them stand in the ledger and in the CSV of the rejected rows. */
const ROWS_SHOWN = 5;

/** Says of each upload which rows were rejected or in conflict, and where to correct them. */
export async function printSetAside(client: CloudClient, entries: readonly LedgerEntry[]): Promise<void> {
  for (const entry of entries) {
    if (entry.rowsRejected > 0) await printRejected(client, entry);
    if (entry.rowsConflicting > 0) await printConflicting(client, entry);
  }
}

async function printRejected(client: CloudClient, entry: LedgerEntry): Promise<void> {
  const rows = await client.query(
    `SELECT line, column_name, message FROM ledger.rejected_rows
     WHERE upload_id = CAST(:upload AS uuid) ORDER BY line LIMIT ${ROWS_SHOWN}`,
    { upload: entry.uploadId },
  );
  print(`\n${entry.key}: ${entry.rowsRejected} rejected`);
  for (const { line, column_name: column, message } of rows) {
    print(`  line ${line}${column === '' ? '' : `, ${column}`}: ${message}`);
  }
  printRest(entry.rowsRejected - rows.length);
  const csv = correctedFileName(entry.key);
  print(`  to correct them: ${client.commandLine(`rejects ${entry.uploadId.slice(0, 8)} --csv ${csv}`)}`);
}

async function printConflicting(client: CloudClient, entry: LedgerEntry): Promise<void> {
  const rows = await client.query(
    `SELECT line, id FROM ledger.conflicting_rows
     WHERE upload_id = CAST(:upload AS uuid) ORDER BY line LIMIT ${ROWS_SHOWN}`,
    { upload: entry.uploadId },
  );
  print(`\n${entry.key}: ${entry.rowsConflicting} in conflict with a row that was there first and stays`);
  for (const { line, id } of rows) print(`  line ${line}: id ${id}`);
  printRest(entry.rowsConflicting - rows.length);
  print(`  both versions of each: ${client.commandLine(`rejects ${entry.uploadId.slice(0, 8)}`)}`);
}

function printRest(count: number): void {
  if (count > 0) print(`  … and ${count.toLocaleString('en-US')} more`);
}
