import { existsSync } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Argument, Option } from 'commander';
import { RejectedCsv } from '../../lambdas/core/rejected-csv.ts';
import { DAY_IN_FILE_NAME, removeEnding } from '../../lambdas/core/upload-key.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, parseWhole } from '../command.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { type FoundUpload, findUpload, type LedgerEntry } from '../ledger.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatNumber, formatTable } from '../output/table.ts';
import { type ConflictingRow, readConflicting, readRejected } from '../read-rejects.ts';

/** A file system limits names to 255 bytes. */
const MAX_STEM_CHARACTERS = 200;
/** Rows that `printRejects` shows of each upload. */
const ROWS_SHOWN = 5;
/** Rows that the command shows of each kind unless told otherwise. */
const DEFAULT_LIMIT = 100;
const REJECTED_TEXTS = `SELECT format('line %s%s: %s', line, ', ' || nullif(column_name, ''), message) AS text
  FROM ledger.rejected_rows`;
const CONFLICTING_TEXTS = `SELECT format('line %s: id %s', line, id) AS text FROM ledger.conflicting_rows`;
const DATE_COLUMN = /(^|[,;\t|])\s*["']?transaction_date["']?\s*([,;\t|]|$)/i;

interface RejectsOptions extends CommonOptions {
  readonly csv?: string;
  readonly limit: number;
}

export const REJECTS: CommandSpec<RejectsOptions> = {
  name: 'rejects',
  description:
    'show the rejected and conflicting rows of an upload, or write the rejected rows to a CSV file',
  argument: new Argument(
    '<upload>',
    'an upload id or its beginning, an object key, or a file name (its newest upload)',
  ),
  options: [
    new Option('--csv <file>', 'write the rejected rows to a CSV file, to correct and load it'),
    new Option('--limit <n>', 'number of rejected and of conflicting rows to show; --json and --csv have all')
      .argParser(parseWhole(0, 1_000_000))
      .default(DEFAULT_LIMIT),
  ],
  async run([name = ''], { csv, limit, ...options }, { io, withCloud }) {
    if (csv !== undefined && existsSync(csv)) {
      throw new UserError(`${csv} already exists: choose another name`);
    }
    await withCloud(options, async (client) => {
      const upload = await findUpload(client, name);
      if (csv !== undefined) await writeCsv(client, io, upload, csv);
      else if (options.json) printJson(await collect(client, upload), io);
      else await show(client, io, upload, limit);
    });
    return EXIT.done;
  },
};

async function collect(client: CloudClient, { uploadId, key, storeId }: FoundUpload) {
  return {
    uploadId,
    key,
    storeId,
    rejected: (await Array.fromAsync(readRejected(client, uploadId))).flat(),
    conflicting: (await Array.fromAsync(readConflicting(client, uploadId))).flat(),
  };
}

async function show(
  client: CloudClient,
  io: Io,
  { uploadId, key }: FoundUpload,
  limit: number,
): Promise<void> {
  const codes = await countCodes(client, uploadId);
  const rejected = codes.reduce((sum, { rows }) => sum + rows, 0);
  if (rejected > 0) {
    io.print([`${key}, rejected rows by code:`, '']);
    io.print(
      formatTable(codes, [
        { title: 'code', value: ({ code }) => code },
        { title: 'column', value: ({ column }) => column },
        { title: 'rows', value: ({ rows }) => rows },
      ]),
    );
    io.print(['', `${key}, rejected rows:`, '']);
    const shown = await take(readRejected(client, uploadId), limit);
    io.print(
      formatTable(shown, [
        { title: 'line', value: ({ line }) => line },
        { title: 'column', value: ({ column }) => column },
        { title: 'code', value: ({ code }) => code },
        { title: 'problem', value: ({ message }) => message },
      ]),
    );
    printRest(io, rejected - shown.length);
  }
  const [{ conflicting: found } = { conflicting: 0 }] = await client.query(
    'SELECT count(*) AS conflicting FROM ledger.conflicting_rows WHERE upload_id = CAST(:upload AS uuid)',
    { upload: uploadId },
  );
  const conflicting = Number(found);
  if (conflicting > 0) {
    io.print([...(rejected > 0 ? [''] : []), `${key}, conflicting rows:`]);
    const shown = await take(readConflicting(client, uploadId), limit);
    for (const row of shown) printConflict(io, row);
    printRest(io, conflicting - shown.length);
  }
  if (rejected + conflicting === 0) io.print(`${key} has no rejected or conflicting rows.`);
  if (rejected > 0) {
    const command = client.commandLine('rejects', uploadId.slice(0, 8), '--csv', correctedFileName(key));
    io.print(['', 'To correct the rejected rows:', `  ${command}`]);
  }
}

async function countCodes(client: CloudClient, uploadId: string) {
  const counts = await client.query(
    `SELECT code, column_name AS "column", count(*) AS rows FROM ledger.rejected_rows
     WHERE upload_id = CAST(:upload AS uuid) GROUP BY code, column_name ORDER BY count(*) DESC, code, column_name`,
    { upload: uploadId },
  );
  return counts.map(({ code, column, rows }) => {
    return { code: String(code), column: String(column), rows: Number(rows) };
  });
}

/** Takes the first rows, and reads no page more than it needs. */
async function take<Row>(pages: AsyncIterable<readonly Row[]>, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  if (limit === 0) return rows;
  for await (const page of pages) {
    rows.push(...page.slice(0, limit - rows.length));
    if (rows.length === limit) break;
  }
  return rows;
}

function printRest(io: Io, rest: number): void {
  if (rest > 0) io.print(`… and ${formatNumber(rest)} more (--limit shows more)`);
}

function printConflict(io: Io, { line, id, columns, storedKey, storedLine }: ConflictingRow): void {
  const format = (side: 'stored' | 'here') =>
    columns.map((column) => `${column.name} ${column[side]}`).join(', ');
  const origin = storedKey === null ? 'the table' : `${storedKey} line ${storedLine}`;
  io.print(['', `id ${id}`]);
  io.print(`  stays (${origin}): ${format('stored')}`);
  io.print(`  set aside (line ${line} of this file): ${format('here')}`);
}

/** Writes the rejected rows of an upload to a new CSV file, each after the columns that describe its problem. */
async function writeCsv(client: CloudClient, io: Io, upload: FoundUpload, path: string): Promise<void> {
  const { uploadId, fileId, key, storeId, header, format } = upload;
  if (header === null) {
    throw new UserError(
      `the ledger has no header of ${key}: find its rejected rows in the bucket under rejected/store=${storeId}/`,
    );
  }
  const csv = new RejectedCsv(header, fileId, format);
  let count = 0;
  for await (const rows of readRejected(client, uploadId)) {
    if (count === 0) {
      await writeFile(path, csv.formatHeader(), { flag: 'wx' }).catch((cause: Error) => {
        throw new UserError(`${path} cannot be written: ${cause.message}`, EXIT.failed, { cause });
      });
    }
    await appendFile(path, rows.map((row) => csv.formatRow(row)).join(''));
    count += rows.length;
  }
  if (count === 0) {
    io.print(`${key} has no rejected rows: no file was written.`);
    return;
  }
  io.print(`Wrote ${formatNumber(count)} rejected rows of ${key} to ${path}.`);
  const isLoadable = hasDate(basename(path), header);
  const corrected = isLoadable ? path : join(dirname(path), correctedFileName(key));
  const rename = isLoadable ? '' : `, rename the file to ${corrected}, since a name has the date`;
  io.print([
    `Correct the rows there, keep the columns reject_* (they tie each row to its correction)${rename}, and load the file with`,
    `  ${client.commandLine('load', corrected, '--store', storeId)}`,
  ]);
}

/** Prints the first rejected and conflicting rows of each upload, and the command that shows or writes all of them. */
export async function printRejects(
  client: CloudClient,
  io: Io,
  entries: readonly LedgerEntry[],
): Promise<void> {
  for (const { uploadId, key, rowsRejected, rowsConflicting } of entries) {
    const printFirst = async (total: number, title: string, select: string, hint: string) => {
      if (total === 0) return;
      const rows = await client.query(
        `${select} WHERE upload_id = CAST(:upload AS uuid) ORDER BY line LIMIT ${ROWS_SHOWN}`,
        { upload: uploadId },
      );
      io.print(['', `${key}: ${formatNumber(total)} ${title}`]);
      for (const { text } of rows) io.print(`  ${text}`);
      if (total > rows.length) io.print(`  … and ${formatNumber(total - rows.length)} more`);
      io.print(`  ${hint}`);
    };
    const command = ['rejects', uploadId.slice(0, 8)];
    const correct = client.commandLine(...command, '--csv', correctedFileName(key));
    const compare = client.commandLine(...command);
    await printFirst(rowsRejected, 'rejected', REJECTED_TEXTS, `to correct them: ${correct}`);
    const conflicting = 'conflicting with an existing row, which stays';
    await printFirst(rowsConflicting, conflicting, CONFLICTING_TEXTS, `to compare both versions: ${compare}`);
  }
}

/**
 * Names a file for the corrected rows of an object: it keeps the date of the object's name, and has only letters,
 * digits, ".", "_" and "-", with which it is the same word in every shell.
 */
export function correctedFileName(key: string): string {
  const stem = removeEnding(basename(key))
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '');
  const [suffix = '', number = '1'] = /_corrected(?:_(\d+))?$/.exec(stem) ?? [];
  const name = stem.slice(0, Math.min(stem.length - suffix.length, MAX_STEM_CHARACTERS));
  return suffix === '' ? `${name}_corrected.csv` : `${name}_corrected_${Number(number) + 1}.csv`;
}

/** True if a file's name or header gives the date of its transactions. */
export function hasDate(fileName: string, header: string): boolean {
  return DAY_IN_FILE_NAME.test(fileName) || DATE_COLUMN.test(header);
}
