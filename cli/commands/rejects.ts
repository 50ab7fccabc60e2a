import { existsSync } from 'node:fs';
import { Argument, Option } from 'commander';
import { correctedFileName } from '../../lambdas/core/upload-key.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, parseWhole } from '../command.ts';
import { findDoubleCorrections } from '../double-corrections.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import { type FoundUpload, findUpload } from '../ledger.ts';
import { type Io, printJson } from '../output/console.ts';
import { type Column, formatNumber, formatTable } from '../output/table.ts';
import {
  type ConflictingRow,
  countCodes,
  countOpenRejects,
  type OpenRejects,
  readConflicting,
  readRejected,
  type StatedReject,
} from '../read-rejects.ts';
import { writeRejects } from '../write-rejects.ts';

/** Rows that the command shows of each kind unless told otherwise. */
const DEFAULT_LIMIT = 100;
/** A response of the Data API has at most 1 MiB. */
const MAX_OPEN_LINES = 500;

interface RejectsOptions extends CommonOptions {
  readonly all?: true;
  readonly open?: true;
  readonly store?: string;
  readonly csv?: string;
  readonly limit: number;
}

export const REJECTS: CommandSpec<RejectsOptions> = {
  name: 'rejects',
  description:
    'show the open rejected rows and the conflicting rows of an upload, or write the open ones to a CSV file; without an upload, list what is open in all uploads',
  argument: new Argument(
    '[upload]',
    'an upload id or its beginning, an object key, or a file name (its newest upload)',
  ),
  options: [
    new Option('--open', 'only rows that are still to be corrected (default)').conflicts('all'),
    new Option('--all', 'also rows that need no correction any more, with their state'),
    new Option('--csv <file>', 'write the rejected rows to a CSV file, to correct and load it'),
    new Option('--store <name>', 'without an upload: only uploads of this store'),
    new Option(
      '--limit <n>',
      'number of rows to show of each kind; with an upload, --json and --csv have all',
    )
      .argParser(parseWhole(0, 1_000_000))
      .default(DEFAULT_LIMIT),
  ],
  async run([name], { csv, limit, all, store, ...options }, { io, withCloud }) {
    const which = all === true ? 'all' : 'open';
    if (name === undefined) {
      if (csv !== undefined || all === true) throw wrongUsage(`--${all ? 'all' : 'csv'} requires an upload`);
      return withCloud(options, (client) => showOpen(client, io, { store, limit, json: options.json }));
    }
    if (store !== undefined) throw wrongUsage('--store is for a list of all uploads: omit it');
    if (csv !== undefined && existsSync(csv)) {
      throw new UserError(`${csv} already exists: choose another name`);
    }
    await withCloud(options, async (client) => {
      const upload = await findUpload(client, name);
      if (csv !== undefined) await writeRejects(client, io, upload, csv, which);
      else if (options.json) printJson(await collect(client, upload, which), io);
      else await show(client, io, upload, { which, limit });
    });
    return EXIT.done;
  },
};

async function showOpen(
  client: CloudClient,
  io: Io,
  { store, limit, json }: { store?: string | undefined; limit: number; json: boolean },
) {
  const found = await countOpenRejects(client, { store, limit: Math.min(limit, MAX_OPEN_LINES) + 1 });
  const open = found.slice(0, Math.min(limit, MAX_OPEN_LINES));
  if (json) {
    printJson({ open }, io);
    return EXIT.done;
  }
  if (open.length === 0) {
    io.print('No rejected row is open.');
    return EXIT.done;
  }
  const columns: Column<OpenRejects>[] = [
    { title: 'id', value: ({ uploadId }) => uploadId.slice(0, 8) },
    { title: 'received (UTC)', value: ({ receivedAt }) => receivedAt.slice(0, 16).replace('T', ' ') },
    { title: 'file', value: ({ key }) => key.split('/').at(-1) ?? key, isShortened: true },
    { title: 'store', value: ({ storeId }) => storeId, isShortened: true },
    { title: 'code', value: ({ code }) => code },
    { title: 'open', value: ({ rows }) => rows },
  ];
  io.print(formatTable(open, columns));
  if (found.length > open.length) io.print('… and more (--limit shows more, --store those of a store)');
  io.print([
    '',
    'To show the rows of an upload:',
    `  ${client.commandLine('rejects', open[0]!.uploadId.slice(0, 8))}`,
  ]);
  return EXIT.done;
}

async function collect(client: CloudClient, { uploadId, key, storeId }: FoundUpload, which: 'open' | 'all') {
  return {
    uploadId,
    key,
    storeId,
    rejected: (await Array.fromAsync(readRejected(client, uploadId, which))).flat(),
    conflicting: (await Array.fromAsync(readConflicting(client, uploadId))).flat(),
  };
}

async function show(
  client: CloudClient,
  io: Io,
  { uploadId, key }: FoundUpload,
  { which, limit }: { which: 'open' | 'all'; limit: number },
): Promise<void> {
  const codes = await countCodes(client, uploadId, 'all');
  const rejected = codes.reduce((sum, { rows }) => sum + rows, 0);
  const open = codes.reduce((sum, row) => sum + row.open, 0);
  if (rejected > 0) {
    io.print([`${key}, rejected rows by code:`, '']);
    io.print(
      formatTable(codes, [
        { title: 'code', value: ({ code }) => code },
        { title: 'column', value: ({ column }) => column },
        { title: 'rows', value: ({ rows }) => rows },
        { title: 'open', value: (row) => row.open },
      ]),
    );
    await showRejected(client, io, { uploadId, key, which, limit, total: which === 'all' ? rejected : open });
  }
  const [{ conflicting: found } = { conflicting: 0 }] = await client.query(
    `SELECT count(*) AS conflicting FROM ledger.other_versions
     WHERE upload_id = CAST(:upload AS uuid) AND fate = 'conflict'`,
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
  for (const { text } of await findDoubleCorrections(client, [uploadId]))
    io.note(`Warning: ${key}: ${text}.`);
  if (open > 0) {
    const command = client.commandLine('rejects', uploadId.slice(0, 8), '--csv', correctedFileName(key));
    io.print(['', 'To correct the open rows:', `  ${command}`]);
  } else if (rejected > 0 && which === 'open') {
    io.print([
      '',
      `No rejected row is open. "${client.commandLine('rejects', uploadId.slice(0, 8), '--all')}" shows all.`,
    ]);
  }
}

async function showRejected(
  client: CloudClient,
  io: Io,
  {
    uploadId,
    key,
    which,
    limit,
    total,
  }: { uploadId: string; key: string; which: 'open' | 'all'; limit: number; total: number },
): Promise<void> {
  if (total === 0) return;
  io.print(['', `${key}, ${which === 'open' ? 'open' : 'all'} rejected rows:`, '']);
  const shown = await take(readRejected(client, uploadId, which), limit);
  const columns: Column<StatedReject>[] = [
    { title: 'line', value: ({ line }) => line },
    ...(which === 'open' ? [] : [{ title: 'state', value: formatState }]),
    { title: 'column', value: ({ column }) => column },
    { title: 'code', value: ({ code }) => code },
    { title: 'problem', value: ({ message }) => message },
  ];
  io.print(formatTable(shown, columns));
  printRest(io, total - shown.length);
}

function formatState({ state, correctedBy, reason }: StatedReject): string {
  if (state === 'corrected') return `${state} by ${correctedBy?.slice(0, 8)}`;
  return reason === null ? state : `${state} (${reason})`;
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
