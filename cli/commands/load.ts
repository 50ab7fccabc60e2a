import type { Command } from 'commander';
import type { CloudClient } from '../cloud-client.ts';
import { findCsvFiles } from '../csv-files.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { putFiles, waitForUploads } from '../load-files.ts';
import { type CommonOptions, withCommonOptions, withStore } from '../options.ts';
import { note, printJson } from '../output/console.ts';
import { exitCodeOf, printEntries } from '../output/ledger-table.ts';
import { printSetAside } from '../set-aside.ts';
import { withCloud } from '../with-cloud.ts';

interface LoadOptions extends CommonOptions {
  readonly store: string;
  readonly wait: boolean;
}

export function addLoad(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('load')
    .description('upload CSV files, or folders of them, and wait until each is loaded')
    .argument('<path...>', 'files named retail_DD_MM_YYYY*.csv, or with a column transaction_date')
    .option('--no-wait', 'return after the upload');
  withCommonOptions(withStore(command)).action(async (paths: string[], options: LoadOptions) => {
    const files = await findCsvFiles(paths);
    finish(await withCloud(options, (client) => loadFiles(client, files, options)));
  });
}

/** Uploads files, waits for them unless told not to, and prints what became of them. */
export async function loadFiles(
  client: CloudClient,
  files: readonly string[],
  { store, wait, json }: Pick<LoadOptions, 'store' | 'wait' | 'json'>,
): Promise<ExitCode> {
  const uploads = await putFiles(client, files, store);
  if (!wait) {
    if (json) printJson({ uploads });
    else
      note(
        `${uploads.length} files are in the bucket. "${client.commandLine('uploads')}" shows when they are loaded.`,
      );
    return EXIT.done;
  }
  const entries = await waitForUploads(client, uploads);
  printEntries(entries, json);
  if (!json) await printSetAside(client, entries);
  return exitCodeOf(entries);
}
