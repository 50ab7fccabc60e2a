import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Argument, Option } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, parseDay } from '../command.ts';
import { EXIT, UserError, wrongUsage } from '../exit-codes.ts';
import {
  countTransactions,
  type ExportedRow,
  type ExportFilter,
  readTransactions,
} from '../export/read-transactions.ts';
import { writeCsv } from '../export/write-csv.ts';
import { writeParquet } from '../export/write-parquet.ts';
import { type Io, printJson } from '../output/console.ts';
import { ProgressMeter } from '../output/progress.ts';
import { formatNumber } from '../output/table.ts';

const FORMATS = ['csv', 'parquet'] as const;

interface ExportOptions extends CommonOptions, ExportFilter {
  readonly format?: (typeof FORMATS)[number];
}

export const EXPORT: CommandSpec<ExportOptions> = {
  name: 'export',
  description: 'write transactions of the table to a CSV or Parquet file',
  argument: new Argument('<file>', 'the file to write'),
  options: [
    new Option('--since <YYYY-MM-DD>', 'only transactions of that day or later').argParser(parseDay),
    new Option('--until <YYYY-MM-DD>', 'only transactions of that day or earlier').argParser(parseDay),
    new Option('--store <name>', 'only transactions of this store; without it, a CSV has a column store'),
    new Option('--format <format>', 'default: that of the ending .csv or .parquet, or else csv').choices(
      FORMATS,
    ),
  ],
  async run([path = ''], options, { io, withCloud }) {
    const { since, until, store, json } = options;
    if (since !== undefined && until !== undefined && since > until) {
      throw wrongUsage(`--since ${since} is later than --until ${until}`);
    }
    if (existsSync(path)) throw new UserError(`${path} already exists: choose another name`);
    const format = options.format ?? (/\.parquet$/i.test(path) ? 'parquet' : 'csv');
    const rows = await withCloud(options, (client) => exportRows(client, io, path, { ...options, format }));
    if (json) printJson({ path, format, rows }, io);
    else io.print(`Wrote ${formatNumber(rows)} ${plural(rows, 'transaction')} to ${path}.`);
    if (!json && store === undefined && format === 'csv') {
      io.print('It has the rows of every store. To load an export again, export one store with --store.');
    }
    return EXIT.done;
  },
};

async function exportRows(
  client: CloudClient,
  io: Io,
  path: string,
  { format, ...filter }: ExportFilter & Required<Pick<ExportOptions, 'format'>>,
): Promise<number> {
  const { rows: total, hasFormulas } = await countTransactions(client, filter);
  const progress = new ProgressMeter(io, 'exporting', 'rows', total);
  let rows = 0;
  async function* readPages(): AsyncGenerator<readonly ExportedRow[]> {
    for await (const page of readTransactions(client, filter)) {
      yield page;
      rows += page.length;
      progress.show(rows);
    }
  }
  // An interrupted export leaves no file that looks complete.
  const part = `${path}.part`;
  try {
    if (format === 'parquet') await writeParquet(part, readPages());
    else await writeCsv(part, readPages(), { hasStore: filter.store === undefined, hasFormulas });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    const isFileFault = (error as NodeJS.ErrnoException).path !== undefined;
    if (!isFileFault) throw error;
    throw new UserError(`${path} cannot be written: ${(error as Error).message}`, EXIT.failed, {
      cause: error,
    });
  } finally {
    progress.end();
  }
  return rows;
}
