import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { LedgerEntry } from '../ledger.ts';
import { print, printJson } from './console.ts';
import { describeFormat } from './format-summary.ts';
import { type Column, formatTable } from './table.ts';

const COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: 'file', value: ({ key }) => key.split('/').at(-1) ?? key },
  { title: 'store', value: ({ storeId }) => storeId },
  { title: 'status', value: ({ status }) => status },
  { title: 'read', value: ({ rowsRead }) => rowsRead },
  { title: 'inserted', value: ({ rowsInserted }) => rowsInserted },
  { title: 'duplicate', value: ({ rowsDuplicate }) => rowsDuplicate },
  { title: 'conflicting', value: ({ rowsConflicting }) => rowsConflicting },
  { title: 'rejected', value: ({ rowsRejected }) => rowsRejected },
  { title: 'seconds', value: secondsOf },
];

/** Prints lines of the ledger, as a table with its format and what failed under it, or as JSON. */
export function printEntries(entries: readonly LedgerEntry[], asJson: boolean): void {
  if (asJson) {
    printJson({ uploads: entries });
    return;
  }
  print(entries.length === 0 ? 'Nothing was uploaded yet.' : formatTable(entries, COLUMNS));
  for (const { status, key, failureCode, failureMessage, format } of entries) {
    const parts = describeFormat(format);
    if (parts.length > 0) print(`\n${key}: ${parts.join('; ')}`);
    if (status === 'failed') print(`\n${key} failed (${failureCode}): ${failureMessage}`);
  }
}

/** What became of a load, as an exit code. */
export function exitCodeOf(entries: readonly LedgerEntry[]): ExitCode {
  if (entries.some(({ status }) => status === 'failed')) return EXIT.failed;
  const isSetAside = entries.some(({ rowsRejected, rowsConflicting }) => rowsRejected + rowsConflicting > 0);
  return isSetAside ? EXIT.rowsSetAside : EXIT.done;
}

function secondsOf({ receivedAt, completedAt }: LedgerEntry): string {
  return completedAt === null ? '' : ((Date.parse(completedAt) - Date.parse(receivedAt)) / 1_000).toFixed(1);
}
