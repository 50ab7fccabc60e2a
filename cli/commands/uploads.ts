import { Option } from 'commander';
import { type CommandSpec, type CommonOptions, parseWhole } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { readHistory } from '../ledger.ts';
import { printUploads } from '../output/uploads-table.ts';

interface UploadsOptions extends CommonOptions {
  readonly limit?: number;
}

export const UPLOADS: CommandSpec<UploadsOptions> = {
  name: 'uploads',
  description: 'list the uploads with their status and the results of their rows',
  options: [new Option('--limit <n>', 'only the newest n uploads').argParser(parseWhole(1, 1_000_000))],
  async run(_args, options, { io, withCloud }) {
    const limit = options.limit ?? Number.POSITIVE_INFINITY;
    printUploads(io, await withCloud(options, (client) => readHistory(client, limit)), options.json);
    return EXIT.done;
  },
};
