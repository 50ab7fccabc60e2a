import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { Argument, Option } from 'commander';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import type { RejectedRow, RowBatch } from '../../lambdas/core/row-batch.ts';
import { countByCode, describeRepeats, Judge, type Verdict } from '../../lambdas/core/verdict.ts';
import { type CommandSpec, type Context, storeOption } from '../command.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { findFiles, type LocalFile } from '../find-files.ts';
import { type Io, printJson } from '../output/console.ts';
import { ProgressMeter } from '../output/progress.ts';
import { type Column, formatNumber, formatTable } from '../output/table.ts';
import { BYTE_ORDER_MARK } from '../write-rejects.ts';
import { describeFormat, hasWrongTotal } from './uploads.ts';

/** Rejected rows and conflicting rows that are shown of each file. */
const ROWS_SHOWN = 5;
/** Shown if a file has any. */
const RARE_COLUMNS: readonly Column<Verdict>[] = [
  { title: 'duplicate', value: ({ rowsDuplicate }) => rowsDuplicate },
  { title: 'conflicting', value: ({ rowsConflicting }) => rowsConflicting },
];

interface CheckOptions {
  readonly store?: string;
  readonly stage?: string;
  readonly csv?: string;
  readonly json?: boolean;
}

export const CHECK: CommandSpec<CheckOptions> = {
  name: 'check',
  description: 'tell which rows of files the parser would accept, without uploading anything',
  argument: new Argument('<path...>', 'files as for the command load, or folders of them'),
  options: [
    storeOption(),
    new Option('--stage <name>', 'the stage in cdk.json whose settings decide (default: dev)'),
    new Option('--csv <file>', 'write the rejected rows, with the reasons, to a CSV file'),
    new Option('--json', 'print one JSON document, for programs'),
  ],
  help: `The rules are those of cdk.json and profiles/ in this project; no pipeline has
to run. Rows whose id comes again in their file are counted: duplicates have the
same values, conflicting rows other ones. Only a pipeline knows whether another
file has a row. The exit code is 3 if a file is refused, or has rejected or
conflicting rows or a wrong total.`,
  isOffline: true,
  async run(paths, { store, stage, csv, json = false }, { io, parseFile }) {
    if (csv !== undefined && existsSync(csv)) {
      throw new UserError(`${csv} already exists: choose another name`);
    }
    const verdicts: Verdict[] = [];
    const files = await findFiles(paths, store, io);
    if (csv !== undefined && files.length > 1) throw wrongUsage('--csv is for one file');
    for (const file of files) {
      verdicts.push(...(await judge(file, stage, io, parseFile, csv)));
    }
    if (json) printJson({ files: verdicts }, io);
    else printVerdicts(io, verdicts, csv);
    const isGood = (verdict: Verdict) => verdict.status === 'ok' && !isTotalWrong(verdict);
    return verdicts.every(isGood) ? EXIT.done : EXIT.rowsSetAside;
  },
};

/** Judges a file, and each file in it. */
async function judge(
  file: LocalFile,
  stage: string | undefined,
  io: Io,
  parseFile: Context['parseFile'],
  csv: string | undefined,
): Promise<Verdict[]> {
  const judge = new Judge();
  const meter = new ProgressMeter(io, `checking ${file.path}`, 'rows');
  let rows = 0;
  let csvKey: string | undefined;
  await parseFile(file, stage, async (batch) => {
    judge.add(batch);
    if (csv !== undefined && batch.rejects.length > 0) {
      const { key } = batch.upload;
      csvKey ??= key;
      if (csvKey !== key)
        throw wrongUsage(`--csv is for one file: unpack ${file.path} and check each of its files`);
      await writeRejects(csv, batch);
    }
    rows += batch.rowCount + batch.rejects.length;
    meter.show(rows);
  });
  meter.end();
  return judge.verdicts;
}

async function writeRejects(path: string, { upload, header = '', format = {}, rejects }: RowBatch) {
  const csv = new RejectedCsv(header, upload.fileId, format);
  const rows = rejects.map((row) => csv.formatRow(row)).join('');
  await (existsSync(path)
    ? appendFile(path, rows)
    : writeFile(path, BYTE_ORDER_MARK + csv.formatHeader() + rows)
  ).catch((cause: Error) => {
    throw new UserError(`${path} cannot be written: ${cause.message}`, EXIT.failed, { cause });
  });
}

const isTotalWrong = ({ status, format }: Verdict) => status === 'ok' && hasWrongTotal(format);

function printVerdicts(io: Io, verdicts: readonly Verdict[], csv: string | undefined): void {
  const columns: Column<Verdict>[] = [
    { title: 'file', value: ({ key }) => key.split('/').at(-1) ?? key, isShortened: true },
    { title: 'store', value: ({ storeId }) => storeId, isShortened: true },
    { title: 'days', value: formatDays },
    { title: 'verdict', value: (verdict) => (isTotalWrong(verdict) ? 'totals differ' : verdict.status) },
    { title: 'read', value: ({ rowsRead }) => rowsRead },
    { title: 'new', value: ({ rowsNew }) => rowsNew },
    ...RARE_COLUMNS.filter(({ value }) => verdicts.some(value)),
    { title: 'rejected', value: ({ rowsRejected }) => rowsRejected },
  ];
  io.print(formatTable(verdicts, columns));
  for (const verdict of verdicts) {
    const { key, format, failureCode, failureMessage, rejected, rowsConflicting } = verdict;
    const name = key.split('/').at(-1) ?? key;
    const parts = describeFormat(format);
    if (parts.length > 0) io.print(['', `${name}: ${parts.join('; ')}`]);
    if (failureCode !== null) io.print(['', `${name} is refused (${failureCode}): ${failureMessage}`]);
    if (rejected.length > 0) printFirst(io, name, rejected);
    if (rowsConflicting > 0) printConflicting(io, name, verdict);
    for (const repeats of describeRepeats(verdict, formatNumber)) io.print(['', `${name}: ${repeats}`]);
  }
  if (csv !== undefined && existsSync(csv)) io.print(['', `The rejected rows are in ${csv}.`]);
}

function printFirst(io: Io, name: string, rejected: readonly RejectedRow[]): void {
  io.print(['', `${name}: ${formatNumber(rejected.length)} rejected`]);
  if (rejected.length > ROWS_SHOWN) {
    io.print(
      `  by code: ${countByCode(rejected)
        .map(([code, rows]) => `${code} ${formatNumber(rows)}`)
        .join(', ')}`,
    );
  }
  for (const { line, column, message } of rejected.slice(0, ROWS_SHOWN)) {
    io.print(`  line ${line}${column === '' ? '' : `, ${column}`}: ${message}`);
  }
  const more = rejected.length - ROWS_SHOWN;
  if (more > 0) io.print(`  … and ${formatNumber(more)} more (--csv FILE writes all of them)`);
}

function printConflicting(io: Io, name: string, { rowsConflicting, conflicting }: Verdict): void {
  io.print(['', `${name}: ${formatNumber(rowsConflicting)} conflicting`]);
  for (const { line, firstLine } of conflicting.slice(0, ROWS_SHOWN)) {
    io.print(
      `  line ${line}: It has the id of line ${firstLine}, but other values. Line ${firstLine} counts.`,
    );
  }
  const more = rowsConflicting - ROWS_SHOWN;
  if (more > 0) io.print(`  … and ${formatNumber(more)} more`);
}

function formatDays({ firstDay, lastDay }: Verdict): string {
  return firstDay === lastDay ? (firstDay ?? '') : `${firstDay} – ${lastDay}`;
}
