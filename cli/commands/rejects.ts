import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Argument, Option } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import type { CommandSpec, CommonOptions } from '../command.ts';
import { correctedFileName, hasDate, writeRejects } from '../correct-rejects.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { type FoundUpload, findUpload } from '../ledger.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatTable } from '../output/table.ts';
import { type ConflictingRow, readConflicting, readRejected } from '../read-rejects.ts';

interface RejectsOptions extends CommonOptions {
  readonly csv?: string;
}

export const REJECTS: CommandSpec<RejectsOptions> = {
  name: 'rejects',
  description:
    'show the rejected and conflicting rows of an upload, or write the rejected rows to a CSV file',
  argument: new Argument(
    '<upload>',
    'an upload id or its beginning, an object key, or a file name (its newest upload)',
  ),
  options: [new Option('--csv <file>', 'write the rejected rows to a CSV file, to correct and load it')],
  async run([name = ''], { csv, ...options }, { io, withCloud }) {
    if (csv !== undefined && existsSync(csv)) {
      throw new UserError(`${csv} already exists: choose another name`);
    }
    await withCloud(options, async (client) => {
      const upload = await findUpload(client, name);
      if (csv !== undefined) await writeCsv(client, io, upload, csv);
      else if (options.json) printJson(await collect(client, upload), io);
      else await show(client, io, upload);
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

async function show(client: CloudClient, io: Io, { uploadId, key }: FoundUpload): Promise<void> {
  let rejected = 0;
  for await (const rows of readRejected(client, uploadId)) {
    if (rejected === 0) io.print(`${key}, rejected rows:\n`);
    rejected += rows.length;
    io.print(
      formatTable(rows, [
        { title: 'line', value: ({ line }) => line },
        { title: 'column', value: ({ column }) => column },
        { title: 'code', value: ({ code }) => code },
        { title: 'problem', value: ({ message }) => message },
      ]),
    );
  }
  let conflicting = 0;
  for await (const rows of readConflicting(client, uploadId)) {
    if (conflicting === 0) io.print(`${rejected > 0 ? '\n' : ''}${key}, conflicting rows:`);
    conflicting += rows.length;
    for (const row of rows) printConflict(io, row);
  }
  if (rejected + conflicting === 0) io.print(`${key} has no rejected or conflicting rows.`);
  if (rejected > 0) {
    io.print(`
To correct the rejected rows:
  ${client.commandLine(`rejects ${uploadId.slice(0, 8)} --csv ${correctedFileName(key)}`)}`);
  }
}

function printConflict(io: Io, { line, id, columns, storedKey, storedLine }: ConflictingRow): void {
  const format = (side: 'stored' | 'here') =>
    columns.map((column) => `${column.name} ${column[side]}`).join(', ');
  const origin = storedKey === null ? 'the table' : `${storedKey} line ${storedLine}`;
  io.print(`\nid ${id}`);
  io.print(`  stays (${origin}): ${format('stored')}`);
  io.print(`  set aside (line ${line} of this file): ${format('here')}`);
}

async function writeCsv(client: CloudClient, io: Io, upload: FoundUpload, path: string): Promise<void> {
  const { key, storeId, header } = upload;
  const count = await writeRejects(client, upload, path);
  if (count === 0) {
    io.print(`${key} has no rejected rows: no file was written.`);
    return;
  }
  io.print(`Wrote ${count} rejected rows of ${key} to ${path}.`);
  io.print(`Correct the rows there (the columns reject_* are ignored), then load them with
  ${client.commandLine(`load ${path} --store ${storeId}`)}`);
  if (!hasDate(basename(path), header ?? '')) {
    io.note(
      `Rename the file first: its name must contain the transaction date, as in ${correctedFileName(key)}.`,
    );
  }
}
