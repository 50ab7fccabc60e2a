import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { writeRejectedHeader, writeRejectedRow } from '../../lambdas/core/rejected-csv.ts';
import type { CloudClient } from '../cloud-client.ts';
import { correctedFileName, namesItsDay } from '../corrected-file.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { type FoundUpload, findUpload } from '../find-upload.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { note, print, printJson } from '../output/console.ts';
import { formatTable } from '../output/table.ts';
import { type ConflictingRow, readConflicting, readRejected } from '../set-aside-rows.ts';
import { withCloud } from '../with-cloud.ts';

interface RejectsOptions extends CommonOptions {
  readonly csv?: string;
}

export function addRejects(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('rejects')
    .description(
      'show the rows of an upload that were rejected or in conflict, and write them to be corrected',
    )
    .argument(
      '<upload>',
      'the id of an upload or its beginning, an object key, or a file name (the newest counts)',
    )
    .option('--csv <file>', 'write the rejected rows to a CSV that can be corrected and loaded');
  withCommonOptions(command).action(async (name: string, options: RejectsOptions) => {
    if (options.csv !== undefined && existsSync(options.csv)) {
      throw new UserError(`${options.csv} is there already: choose another name`);
    }
    await withCloud(options, async (client) => {
      const upload = await findUpload(client, name);
      if (options.csv !== undefined) await writeCsv(client, upload, options.csv);
      else if (options.json) printJson(await collect(client, upload));
      else await show(client, upload);
    });
    finish(EXIT.done);
  });
}

async function collect(client: CloudClient, { uploadId, key, storeId }: FoundUpload) {
  return {
    uploadId,
    key,
    storeId,
    rejected: (await Array.fromAsync(readRejected(client, uploadId))).flat(),
    conflicting: (await Array.fromAsync(readConflicting(client, uploadId))).flat(),
  };
}

async function show(client: CloudClient, upload: FoundUpload): Promise<void> {
  let rejected = 0;
  for await (const rows of readRejected(client, upload.uploadId)) {
    if (rejected === 0) print(`${upload.key}, rejected:\n`);
    rejected += rows.length;
    print(
      formatTable(rows, [
        { title: 'line', value: ({ line }) => line },
        { title: 'column', value: ({ column }) => column },
        { title: 'code', value: ({ code }) => code },
        { title: 'what is wrong', value: ({ message }) => message },
      ]),
    );
  }
  let conflicting = 0;
  for await (const rows of readConflicting(client, upload.uploadId)) {
    if (conflicting === 0)
      print(`${rejected > 0 ? '\n' : ''}${upload.key}, in conflict with a row that stays:`);
    conflicting += rows.length;
    for (const row of rows) printConflict(row);
  }
  if (rejected + conflicting === 0) print(`${upload.key}: no row was rejected or in conflict.`);
  if (rejected > 0) {
    print(`
To correct them:
  ${client.commandLine(`rejects ${upload.uploadId.slice(0, 8)} --csv ${correctedFileName(upload.key)}`)}`);
  }
}

function printConflict({ line, id, columns, storedKey, storedLine }: ConflictingRow): void {
  const side = (which: 'stored' | 'here') =>
    columns.map((column) => `${column.name} ${column[which]}`).join(', ');
  const from = storedKey === null ? 'the table' : `${storedKey} line ${storedLine}`;
  print(
    `\nid ${id}\n  stays (${from}): ${side('stored')}\n  set aside (line ${line} of this file): ${side('here')}`,
  );
}

async function writeCsv(client: CloudClient, upload: FoundUpload, path: string): Promise<void> {
  if (upload.header === null) {
    throw new UserError(
      `the header of ${upload.key} was not kept: its rejected rows are under rejected/store=${upload.storeId}/ of the bucket`,
    );
  }
  let count = 0;
  let file: ReturnType<typeof createWriteStream> | undefined;
  for await (const rows of readRejected(client, upload.uploadId)) {
    if (file === undefined) {
      file = createWriteStream(path, { flags: 'wx' });
      await once(file, 'open').catch((cause: Error) => {
        throw new UserError(`${path} cannot be written: ${cause.message}`, EXIT.failed, { cause });
      });
      file.write(writeRejectedHeader(upload.header, upload.format));
    }
    count += rows.length;
    if (!file.write(rows.map((row) => writeRejectedRow(row, upload.format)).join('')))
      await once(file, 'drain');
  }
  if (file === undefined) {
    print(`${upload.key}: no row was rejected, and nothing was written.`);
    return;
  }
  await finished(file.end());
  print(`${count} rejected rows of ${upload.key} are in ${path}.`);
  print(`Correct them there (the reject_ columns may stay: they are ignored), then
  ${client.commandLine(`load ${path} --store ${upload.storeId}`)}`);
  if (!namesItsDay(basename(path), upload.header)) {
    note(
      `Its name must say the day of the transactions, as in ${correctedFileName(upload.key)}: rename it before.`,
    );
  }
}
