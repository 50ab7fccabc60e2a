import { Argument, Option } from 'commander';
import type { CommandSpec } from '../command.ts';
import { findCsvFiles, loadFiles } from '../load-files.ts';
import { type CommonOptions, storeOption } from '../options.ts';

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
