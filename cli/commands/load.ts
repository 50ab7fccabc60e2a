import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Option } from 'commander';
import { type CommandSpec, type CommonOptions, storeOption } from '../command.ts';
import { findCsvFiles, loadFiles } from '../load-files.ts';
import { exportHistory } from '../sqlite-history.ts';

interface LoadOptions extends CommonOptions {
  readonly store: string;
  readonly wait: boolean;
}

export const LOAD: CommandSpec<LoadOptions> = {
  name: 'load',
  description: 'upload CSV files or folders, and wait until they are loaded',
  argument: new Argument(
    '<path...>',
    'files named retail_DD_MM_YYYY*.csv or with a column transaction_date, or folders of them',
  ),
  options: [storeOption(), new Option('--no-wait', 'return after the upload')],
  async run(paths, options, { io, withCloud }) {
    const files = await findCsvFiles(paths);
    return withCloud(options, (client) => loadFiles(client, io, files, options));
  },
};

interface ImportOptions extends CommonOptions {
  readonly table: string;
  readonly store: string;
}

export const IMPORT_HISTORY: CommandSpec<ImportOptions> = {
  name: 'import-history',
  description: 'load the transactions of a SQLite table, as one CSV file for each day',
  argument: new Argument('<file.db>', 'the SQLite database'),
  options: [new Option('--table <name>', 'the table').default('transactions'), storeOption()],
  async run([file = ''], options, { io, withCloud }) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'retail-history-'));
    const files = exportHistory(file, options.table, folder.path);
    return await withCloud(options, (client) => loadFiles(client, io, files, { ...options, wait: true }));
  },
};
