import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { type CommonOptions, withCommonOptions, withStore } from '../options.ts';
import { exportHistory } from '../sqlite-history.ts';
import { withCloud } from '../with-cloud.ts';
import { loadFiles } from './load.ts';

interface ImportOptions extends CommonOptions {
  readonly table: string;
  readonly store: string;
}

export function addImportHistory(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('import-history')
    .description('send the transactions of a SQLite table through the pipeline, one CSV for each day')
    .argument('<file.db>', 'the SQLite database')
    .option('--table <name>', 'the table', 'transactions');
  withCommonOptions(withStore(command)).action(async (file: string, options: ImportOptions) => {
    const outDir = await mkdtemp(join(tmpdir(), 'retail-history-'));
    try {
      const files = await exportHistory(file, options.table, outDir);
      finish(await withCloud(options, (client) => loadFiles(client, files, { ...options, wait: true })));
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  });
}
