import type { CloudClient } from '../cloud-client.ts';
import { correctedFileName } from '../correct-rejects.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { Io } from './console.ts';

/** Rows shown of each upload; "retail rejects" shows all. */
const ROWS_SHOWN = 5;

/** Prints the first rejected and conflicting rows of each upload, and the command that shows or writes all of them. */
export async function printRejects(
  client: CloudClient,
  io: Io,
  entries: readonly LedgerEntry[],
): Promise<void> {
  for (const { uploadId, key, rowsRejected, rowsConflicting } of entries) {
    const command = `rejects ${uploadId.slice(0, 8)}`;
    if (rowsRejected > 0) {
      const rows = await readFirst(client, 'rejected_rows', 'line, column_name, message', uploadId);
      io.print(`\n${key}: ${rowsRejected} rejected`);
      for (const { line, column_name: column, message } of rows) {
        io.print(`  line ${line}${column === '' ? '' : `, ${column}`}: ${message}`);
      }
      printMore(io, rowsRejected - rows.length);
      io.print(`  to correct them: ${client.commandLine(`${command} --csv ${correctedFileName(key)}`)}`);
    }
    if (rowsConflicting > 0) {
      const rows = await readFirst(client, 'conflicting_rows', 'line, id', uploadId);
      io.print(`\n${key}: ${rowsConflicting} conflicting with an existing row, which stays`);
      for (const { line, id } of rows) io.print(`  line ${line}: id ${id}`);
      printMore(io, rowsConflicting - rows.length);
      io.print(`  to compare both versions: ${client.commandLine(command)}`);
    }
  }
}

function readFirst(
  client: CloudClient,
  table: 'rejected_rows' | 'conflicting_rows',
  columns: string,
  upload: string,
) {
  return client.query(
    `SELECT ${columns} FROM ledger.${table} WHERE upload_id = CAST(:upload AS uuid) ORDER BY line LIMIT ${ROWS_SHOWN}`,
    { upload },
  );
}

function printMore(io: Io, count: number): void {
  if (count > 0) io.print(`  … and ${count.toLocaleString('en-US')} more`);
}
