import { Option } from 'commander';
import { isDecisionKey } from '../../lambdas/core/decision.ts';
import { plural } from '../../lambdas/core/plural.ts';
import type { FormatSummary } from '../../lambdas/core/row-batch.ts';
import { type CommandSpec, type CommonOptions, parseDay, parseWhole } from '../command.ts';
import { addDecisions, describeDecision } from '../decisions.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { countOpenRows, type HistoryFilter, type LedgerEntry, readHistory, STATUSES } from '../ledger.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatTable } from '../output/table.ts';

const COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: 'id', value: ({ uploadId }) => uploadId.slice(0, 8) },
  { title: 'received (UTC)', value: ({ receivedAt }) => receivedAt.slice(0, 16).replace('T', ' ') },
  { title: 'file', value: ({ key }) => key.split('/').at(-1) ?? key, isShortened: true },
  { title: 'store', value: ({ storeId }) => storeId, isShortened: true },
  { title: 'days', value: formatDays },
  { title: 'status', value: ({ status }) => status },
  { title: 'read', value: ({ rowsRead }) => rowsRead },
  { title: 'inserted', value: ({ rowsInserted }) => rowsInserted },
  { title: 'duplicate', value: ({ rowsDuplicate }) => rowsDuplicate },
  { title: 'conflicting', value: ({ rowsConflicting }) => rowsConflicting },
  { title: 'rejected', value: ({ rowsRejected }) => rowsRejected },
  { title: 'open', value: ({ rowsOpen = null }) => rowsOpen },
  { title: 'seconds', value: formatSeconds },
];
/** Shown if an upload has any. */
const RARE_COLUMNS: readonly Column<LedgerEntry>[] = [
  { title: 'retracted', value: ({ rowsRetracted }) => rowsRetracted },
  { title: 'replaced', value: ({ rowsReplaced }) => rowsReplaced },
];
const DELIMITERS = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe' } as const;
const MAX_TITLES = 10;
const NDJSON_NAME = /\.(ndjson|jsonl)(\.gz|\.zip)?$/i;

interface UploadsOptions extends CommonOptions, HistoryFilter {
  readonly limit?: number;
}

export const UPLOADS: CommandSpec<UploadsOptions> = {
  name: 'uploads',
  description: 'list the uploads with their status and the results of their rows',
  options: [
    new Option('--limit <n>', 'only the newest n uploads').argParser(parseWhole(1, 1_000_000)),
    new Option('--store <name>', 'only uploads of this store'),
    new Option('--status <status>', 'only uploads with this status').choices(STATUSES),
    new Option('--since <YYYY-MM-DD>', 'only uploads received on that day (UTC) or later').argParser(
      parseDay,
    ),
  ],
  async run(_args, options, { io, withCloud }) {
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    const entries = await withCloud(options, async (client) =>
      addDecisions(client, await countOpenRows(client, await readHistory(client, limit, options))),
    );
    printUploads(io, entries, options.json);
    return EXIT.done;
  },
};

/** Prints uploads as a table, each with its detected format and its failure below, or as JSON. */
export function printUploads(io: Io, entries: readonly LedgerEntry[], asJson: boolean): void {
  if (asJson) {
    printJson({ uploads: entries }, io);
    return;
  }
  io.print(
    entries.length === 0
      ? 'There are no uploads yet.'
      : formatTable(entries, [...COLUMNS, ...RARE_COLUMNS.filter((column) => entries.some(column.value))]),
  );
  for (const entry of entries) {
    const { status, key, failureCode, failureMessage, format, rowsRead, decision, retraction } = entry;
    const isWithoutRows = status === 'complete' && rowsRead === 0 && !format.files && !isDecisionKey(key);
    const parts = [
      // The name says it too.
      ...describeFormat(format).filter((part) => part !== 'NDJSON' || !NDJSON_NAME.test(key)),
      ...(isWithoutRows ? ['a header without rows'] : []),
    ];
    if (parts.length > 0) io.print(['', `${key}: ${parts.join('; ')}`]);
    if (decision !== undefined && status !== 'complete') {
      const state = decision.state === 'waiting' ? 'waits for its file to be loaded' : `is ${decision.state}`;
      io.print(['', `${key}: ${describeDecision(decision)} ${state}`]);
    }
    // A file that was moved or retracted needs no advice about its failure.
    const settled = retraction && `${retraction.by} moved or retracted it ("${retraction.reason}")`;
    if (status === 'failed') io.print(['', `${key} failed (${failureCode}): ${settled ?? failureMessage}`]);
  }
}

export function exitCodeFor(entries: readonly LedgerEntry[]): ExitCode {
  if (entries.some(({ status }) => status === 'failed')) return EXIT.failed;
  const isSetAside = entries.some(
    ({ rowsRejected, rowsConflicting, format }) =>
      rowsRejected + rowsConflicting > 0 || hasWrongTotal(format),
  );
  return isSetAside ? EXIT.rowsSetAside : EXIT.done;
}

export function hasWrongTotal({ totals }: FormatSummary): boolean {
  return typeof totals === 'object';
}

/** Describes a detected format, as far as it differs from a plain CSV. */
export function describeFormat(format: FormatSummary): string[] {
  const {
    compression,
    files,
    syntax,
    sheet,
    manifest,
    encoding,
    delimiter,
    quote,
    lineTerminator,
    headerLine,
    currency,
  } = format;
  const { profile, decimalSeparator, dateFormat, skippedLines, totals, unknownColumns = [] } = format;
  const part = (isShown: unknown, text: string) => (isShown ? [text] : []);
  return [
    ...part(profile, `profile ${profile}`),
    ...part(
      compression,
      `${compression}${files === undefined ? '' : ` of ${plural(files, '1 file, a', `${files} files, each a`)} separate upload`}`,
    ),
    ...part(syntax, sheet === undefined ? `${syntax}` : `${syntax}, sheet "${sheet}"`),
    ...part(manifest === 'ignored', 'list of calls ignored, since it does not match the lines'),
    ...part(encoding && encoding !== 'UTF-8', `${encoding}`),
    ...part(delimiter && delimiter !== ',', `delimiter ${DELIMITERS[delimiter ?? ',']}`),
    ...part(quote === "'", 'single quotes'),
    ...part(lineTerminator === 'CR', 'line terminator CR'),
    ...part(headerLine && headerLine > 1, `header on line ${headerLine}`),
    ...part(decimalSeparator === ',', 'decimal comma'),
    ...part(dateFormat && dateFormat !== 'YYYY-MM-DD', `dates ${dateFormat}`),
    ...part(currency, `amounts in ${currency}`),
    ...part(skippedLines?.headers, `skipped ${count(skippedLines?.headers, 'repeated header')}`),
    ...part(skippedLines?.totals, `skipped ${count(skippedLines?.totals, 'total line')}`),
    ...part(totals, describeTotals(totals)),
    ...part(unknownColumns.length > 0, `ignored columns: ${listTitles(unknownColumns)}`),
  ];
}

function describeTotals(totals: FormatSummary['totals']): string {
  if (totals === undefined || totals === 'agree') return 'totals agree with the rows';
  const { line, column, written, rows } = totals;
  return `TOTALS DIFFER: on line ${line}, ${column} is ${written}, and the rows add up to ${rows}`;
}

function listTitles(titles: readonly string[]): string {
  const more = titles.length > MAX_TITLES ? ` and ${titles.length - MAX_TITLES} more` : '';
  return titles.slice(0, MAX_TITLES).join(', ') + more;
}

function count(number = 0, thing: string): string {
  return `${number} ${plural(number, thing)}`;
}

function formatDays({ firstDay, lastDay }: LedgerEntry): string {
  if (firstDay === lastDay) return firstDay ?? '';
  return `${firstDay} – ${lastDay}`;
}

function formatSeconds({ startedAt, completedAt }: LedgerEntry): string {
  return completedAt === null ? '' : ((Date.parse(completedAt) - Date.parse(startedAt)) / 1_000).toFixed(1);
}
