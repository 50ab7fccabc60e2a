import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Argument } from 'commander';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, storeOption } from '../command.ts';
import { type DecisionOptions, decide, FORCE, findDecidable, LINES, REASON, readChanged } from '../decide.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import type { LedgerEntry } from '../ledger.ts';
import type { Io } from '../output/console.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { exitCodeFor, printUploads } from './uploads.ts';

interface RestateOptions extends CommonOptions, DecisionOptions {
  readonly store?: string;
}

export const RESTATE: CommandSpec<RestateOptions> = {
  name: 'restate',
  description: 'make the rows of a file the valid versions of their ids, such as its conflicting rows',
  argument: new Argument(
    '<upload|file>',
    'an upload id or its beginning, an object key, or a file name (its newest upload); with --store, a file on this machine',
  ),
  options: [REASON, LINES, storeOption('the argument is an upload'), FORCE],
  help: `With --store, the file is loaded for that store first. All versions of a row are
kept: reporting.transactions_as_of(TIME) has the former ones. Of several
restatements of an id, the latest wins. To undo one, restate the other file.`,
  async run([name = ''], options, { io, withCloud }) {
    return withCloud(options, async (client) => {
      const upload =
        options.store === undefined
          ? await findDecidable(client, name)
          : await loadCorrections(client, io, name, options.store);
      const decision = await decide(client, io, 'restate', upload, options);
      const changed = await readChanged(client, decision);
      if (!options.json && changed.length === 0) {
        io.print(`${upload.key}: every row was valid already.`);
        return EXIT.done;
      }
      printUploads(io, changed, options.json);
      return exitCodeFor(changed.filter(({ uploadId }) => uploadId === upload.uploadId));
    });
  },
};

/** Loads a file of this machine. @throws {UserError} if it is refused */
async function loadCorrections(
  client: CloudClient,
  io: Io,
  path: string,
  storeId: string,
): Promise<LedgerEntry> {
  if (!existsSync(path))
    throw new UserError(`the file ${path} does not exist. Without --store, the argument names an upload`);
  const key = buildUploadKey({ storeId, fileName: basename(path) });
  const [entry] = await waitForUploads(client, [await client.putFile(path, key, () => undefined)], io);
  if (entry!.status === 'complete') return entry!;
  throw new UserError(`${key} was not loaded: ${entry!.failureMessage ?? entry!.failureCode}`, EXIT.failed);
}
