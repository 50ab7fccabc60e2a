import { Argument, Option } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import { buildUnpackedPrefix, INCOMING_PREFIX } from '../../lambdas/core/upload-key.ts';
import { listUploads } from '../../lambdas/shared/list-uploads.ts';
import { type CreatedObject, createUpload } from '../../lambdas/shared/upload-message.ts';
import type { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, type CommonOptions, parseDay } from '../command.ts';
import { EXIT, type ExitCode, UserError, wrongUsage } from '../exit-codes.ts';
import { type LedgerEntry, readUploads } from '../ledger.ts';
import { type Io, printJson } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import { listReadings, type PlannedReading } from '../readings.ts';
import { addUnpacked, waitForObjects } from '../wait-for-uploads.ts';
import { exitCodeFor, printUploads } from './uploads.ts';

interface ReplayOptions extends CommonOptions {
  readonly since?: string;
  readonly all: boolean;
  readonly settings?: 'current' | 'recorded';
  readonly unordered: boolean;
  readonly wait: boolean;
}

const REPEATABLE_FAILURES: readonly string[] = ['object-unreadable', 'message-discarded'];

export const REPLAY: CommandSpec<ReplayOptions> = {
  name: 'replay',
  description: 'send objects of the bucket through the pipeline again; rebuilds an empty database',
  argument: new Argument(
    '[key...]',
    'object keys, with all their versions; a key that ends with "/" means all objects below it',
  ),
  options: [
    new Option('--since <YYYY-MM-DD>', 'objects uploaded on that day (UTC) or later').argParser(parseDay),
    new Option('--all', 'all objects of the bucket').default(false).conflicts('since'),
    new Option(
      '--settings <which>',
      'read by the current settings (default for keys), or by those of each earlier reading (default for --all and --since)',
    ).choices(['current', 'recorded']),
    new Option('--unordered', 'send all objects at once, in any order').default(false),
    new Option('--no-wait', 'return when all objects are sent; requires --unordered'),
  ],
  help: `Objects are sent one after the other, the oldest first. If two rows have the
same id but different content, the row that was uploaded first stays in the
table, as it did before.
--unordered sends all objects at once: this is faster, but either row may stay.
The bucket has a record of the settings of each reading. --settings recorded
reads each object once for each record, so that a rebuild gives the same rows
after a change of the settings. --settings current reads it by the present ones,
so that rows which former settings rejected are added.
Uploads that this revision of the parser has already loaded or refused are
skipped, except those that S3 did not return (object-unreadable), and those
with a discarded message (message-discarded).`,
  async run(keys, options, { io, withCloud }) {
    const choices = [keys.length > 0, options.since !== undefined, options.all].filter(Boolean).length;
    if (choices !== 1) throw wrongUsage('replay needs one of: object keys, --since, --all');
    const wrong = keys.find((key) => !key.startsWith(INCOMING_PREFIX));
    if (wrong !== undefined) {
      throw wrongUsage(`${wrong} is not an upload key (keys start with ${INCOMING_PREFIX})`);
    }
    if (!options.wait && !options.unordered) {
      throw wrongUsage('--no-wait requires --unordered: in order, each object waits for the one before it');
    }
    return withCloud(options, (client) => replay(client, io, keys, options));
  },
};

async function replay(
  client: CloudClient,
  io: Io,
  keys: readonly string[],
  { since, unordered, wait, json, settings = keys.length > 0 ? 'current' : 'recorded' }: ReplayOptions,
): Promise<ExitCode> {
  const objects = await findObjects(client, keys, since);
  const readings =
    settings === 'recorded'
      ? await listReadings(client, objects)
      : objects.map((object): PlannedReading => ({ ...object, settings }));
  const uploads = readings.map((reading) => ({
    ...reading,
    uploadId: client.uploadIdOf(reading, reading.settings),
  }));
  const ids = uploads.map(({ uploadId }) => uploadId);
  const known = new Map((await readUploads(client, ids)).map((entry) => [entry.uploadId, entry]));
  const wanted = uploads.flatMap((upload) => {
    const { status = 'loading', failureCode, completedAt = null } = known.get(upload.uploadId) ?? {};
    if (status === 'loading') return [upload];
    // S3 may return the object now, or the cause of a discarded message is fixed.
    return REPEATABLE_FAILURES.includes(failureCode ?? '') ? [{ ...upload, failedAt: completedAt }] : [];
  });
  if (!json) {
    const skipped = uploads.length - wanted.length;
    const readingsText =
      readings.length === objects.length
        ? ''
        : `, read ${formatNumber(readings.length)} ${plural(readings.length, 'time')}`;
    io.note(
      `${formatNumber(objects.length)} ${plural(objects.length, 'object')}${readingsText}: replaying ${formatNumber(wanted.length)}, ${formatNumber(skipped)} already loaded or refused.`,
    );
  }
  const sent: LedgerEntry[] = [];
  for (const group of unordered ? [wanted] : wanted.map((upload) => [upload])) {
    for (const upload of group) await client.announce(upload, upload.settings);
    // The files of an archive exist already, and have their own turns.
    if (wait) sent.push(...(await waitForObjects(client, group, io)));
  }
  if (!wait) {
    if (json) printJson({ sent: wanted }, io);
    return EXIT.done;
  }
  const entries = await addUnpacked(client, sent, io);
  if (json || entries.length > 0) printUploads(io, entries, json);
  else io.print('Nothing to replay.');
  return exitCodeFor(entries);
}

/**
 * Finds the object versions to read, the oldest first. The key of an archive also names the files that were unpacked from it.
 * @throws {UserError} if the bucket has no object for a key
 */
async function findObjects(
  client: CloudClient,
  keys: readonly string[],
  since = '',
): Promise<CreatedObject[]> {
  if (keys.length === 0) return sortByAge(await listObjects(client, INCOMING_PREFIX, since));
  const objects = new Map<string, CreatedObject>();
  for (const key of keys) {
    const found = await listObjects(client, key, since);
    const named = key.endsWith('/') ? found : found.filter((object) => object.key === key);
    if (named.length === 0) {
      throw new UserError(
        `the bucket ${client.bucket} has no object ${key}: "${client.commandLine('uploads', '--json')}" lists keys`,
      );
    }
    const archives = key.endsWith('/') ? [] : named;
    const prefixes = archives.map((object) => {
      const upload = createUpload(object, '');
      return buildUnpackedPrefix(upload, upload.fileId);
    });
    const unpacked = await Promise.all(prefixes.map((prefix) => listObjects(client, prefix, since)));
    for (const object of [named, ...unpacked].flat())
      objects.set(`${object.key} ${object.versionId}`, object);
  }
  return sortByAge([...objects.values()]);
}

/** Lists object versions; of a key, the oldest first. */
async function listObjects(client: CloudClient, prefix: string, since: string): Promise<CreatedObject[]> {
  const objects: CreatedObject[] = [];
  for await (const page of listUploads(client.s3, client.bucket, { prefix })) objects.push(...page.objects);
  return objects.filter(({ receivedAt }) => receivedAt >= since).reverse();
}

function sortByAge(objects: readonly CreatedObject[]): CreatedObject[] {
  return objects.toSorted((a, b) => a.receivedAt.localeCompare(b.receivedAt));
}
