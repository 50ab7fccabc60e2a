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
    const printFirst = (title: string, lines: readonly string[], total: number, hint: string) => {
      io.print(`\n${key}: ${title}`);
      for (const line of lines) io.print(`  ${line}`);
      if (total > lines.length) io.print(`  … and ${(total - lines.length).toLocaleString('en-US')} more`);
      io.print(`  ${hint}`);
    };
    if (rowsRejected > 0) {
      const rows = await readFirst(client, 'rejected_rows', 'line, column_name, message', uploadId);
      const lines = rows.map(({ line, column_name: column, message }) => {
        return `line ${line}${column === '' ? '' : `, ${column}`}: ${message}`;
      });
      const correct = client.commandLine(`${command} --csv ${correctedFileName(key)}`);
      printFirst(`${rowsRejected} rejected`, lines, rowsRejected, `to correct them: ${correct}`);
    }
    if (rowsConflicting > 0) {
      const rows = await readFirst(client, 'conflicting_rows', 'line, id', uploadId);
      const lines = rows.map(({ line, id }) => `line ${line}: id ${id}`);
      const title = `${rowsConflicting} conflicting with an existing row, which stays`;
      printFirst(title, lines, rowsConflicting, `to compare both versions: ${client.commandLine(command)}`);
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
