import { type Command, InvalidArgumentError } from 'commander';
import { INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { listUploads } from '../../lambdas/shared/list-uploads.ts';
import type { CreatedObject } from '../../lambdas/shared/s3-event.ts';
import type { CloudClient, PutUpload } from '../cloud-client.ts';
import { EXIT, type ExitCode, UserError } from '../exit-codes.ts';
import { readUploads } from '../ledger.ts';
import { waitForUploads } from '../load-files.ts';
import { type CommonOptions, withCommonOptions } from '../options.ts';
import { note, print, printJson } from '../output/console.ts';
import { exitCodeOf, printEntries } from '../output/ledger-table.ts';
import { withCloud } from '../with-cloud.ts';

interface ReplayOptions extends CommonOptions {
  readonly since?: string;
  readonly all: boolean;
  readonly unordered: boolean;
  readonly wait: boolean;
}

const HELP = `
Objects go one after the other, oldest first, so that of two rows with the same id and other content the one that
was dropped first stays, as it was. --unordered sends all at once: faster, and which of such rows stays is open.
What this revision of the parser has loaded already is left alone.`;

export function addReplay(program: Command, finish: (code: ExitCode) => void): void {
  const command = program
    .command('replay')
    .description('send objects of the bucket through the pipeline again; rebuilds an empty database')
    .argument(
      '[key...]',
      'object keys, all versions of each; a key that ends with "/" stands for all below it',
    )
    .option('--since <YYYY-MM-DD>', 'what was dropped on that day (UTC) or later', parseDay)
    .option('--all', 'everything in the bucket', false)
    .option('--unordered', 'send all at once, in no order', false)
    .option('--no-wait', 'return when all is sent; only with --unordered')
    .addHelpText('after', HELP);
  withCommonOptions(command).action(async (keys: string[], options: ReplayOptions) => {
    const ways = [keys.length > 0, options.since !== undefined, options.all].filter(Boolean).length;
    if (ways !== 1) throw new UserError('replay takes keys, or --since, or --all', EXIT.wrongUsage);
    const elsewhere = keys.find((key) => !key.startsWith(INCOMING_PREFIX));
    if (elsewhere !== undefined) {
      throw new UserError(
        `${elsewhere} is no key of a file that was dropped: those begin with ${INCOMING_PREFIX}`,
        EXIT.wrongUsage,
      );
    }
    if (!options.wait && !options.unordered) {
      throw new UserError(
        '--no-wait goes with --unordered: in order, each object waits for the one before',
        EXIT.wrongUsage,
      );
    }
    finish(await withCloud(options, (client) => replay(client, keys, options)));
  });
}

async function replay(
  client: CloudClient,
  keys: readonly string[],
  options: ReplayOptions,
): Promise<ExitCode> {
  const objects = await findObjects(client, keys, options.since);
  const uploads = objects.map((object) => ({ ...object, uploadId: client.uploadIdOf(object) }));
  const known = await readUploads(
    client,
    uploads.map(({ uploadId }) => uploadId),
  );
  const finished = new Set(
    known.filter(({ status }) => status !== 'loading').map(({ uploadId }) => uploadId),
  );
  const wanted = uploads.filter(({ uploadId }) => !finished.has(uploadId));
  if (!options.json)
    note(`${objects.length} objects, ${wanted.length} of them to send; the others are loaded.`);
  if (options.unordered) for (const upload of wanted) await client.announce(upload);
  if (!options.wait) {
    if (options.json) printJson({ sent: wanted });
    return EXIT.done;
  }
  const entries = options.unordered
    ? await waitForUploads(client, wanted)
    : await replayInOrder(client, wanted);
  if (options.json || entries.length > 0) printEntries(entries, options.json);
  else print('Nothing to do.');
  return exitCodeOf(entries);
}

async function replayInOrder(client: CloudClient, uploads: readonly (PutUpload & CreatedObject)[]) {
  const entries = [];
  for (const upload of uploads) {
    await client.announce(upload);
    entries.push(...(await waitForUploads(client, [upload])));
  }
  return entries;
}

/** @throws {UserError} where a key names nothing */
async function findObjects(
  client: CloudClient,
  keys: readonly string[],
  since = '',
): Promise<CreatedObject[]> {
  const objects: CreatedObject[] = [];
  for (const key of keys.length === 0 ? [INCOMING_PREFIX] : keys) {
    const found: CreatedObject[] = [];
    for await (const page of listUploads(client.s3, client.bucket, { prefix: key })) {
      found.push(
        ...page.objects.filter(
          (object) => (key.endsWith('/') || object.key === key) && object.receivedAt >= since,
        ),
      );
    }
    if (found.length === 0 && keys.length > 0) {
      throw new UserError(
        `the bucket ${client.bucket} has no object ${key}: "${client.commandLine('uploads --json')}" shows keys`,
      );
    }
    // Of the versions of one key the listing has the newest first.
    objects.push(...found.reverse());
  }
  return objects.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
}

function parseDay(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('It is a day written as YYYY-MM-DD.');
  }
  return text;
}
