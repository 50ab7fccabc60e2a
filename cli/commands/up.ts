import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Option } from 'commander';
import { plural } from '../../lambdas/core/plural.ts';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { listUploads } from '../../lambdas/shared/list-uploads.ts';
import { tillPolicyOutput } from '../../lambdas/shared/stacks.ts';
import { DataDirectory, type RunningCloud } from '../../local/data-directory.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { CloudClient } from '../cloud-client.ts';
import { type CommandSpec, parseWhole, repeatable } from '../command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findFiles, type LocalFile } from '../find-files.ts';
import { countOpenRows, type LedgerEntry, readHistory } from '../ledger.ts';
import { localAccess, onStopSignal, startLocalCloud } from '../local-access.ts';
import { LOCAL_PROJECT } from '../local-project.ts';
import { type Io, quoteForShell } from '../output/console.ts';
import { formatNumber } from '../output/table.ts';
import { printRejects } from '../print-rejects.ts';
import { waitForUploads } from '../wait-for-uploads.ts';
import { describeWaiting } from '../waiting-messages.ts';
import { createConsoleLink } from './console.ts';
import { formatExports } from './credentials.ts';
import { findMissing, putFiles } from './load.ts';
import { printAnswers } from './query.ts';
import { printUploads } from './uploads.ts';

/** Uploads shown, and looked at for new results. */
const HISTORY_LENGTH = 20;
const WATCH_MILLISECONDS = 500;

interface UpOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly databaseUrl?: string;
  readonly load: readonly string[];
  readonly once: boolean;
}

export const UP: CommandSpec<UpOptions> = {
  name: 'up',
  description: 'start the pipeline on this machine, and load files until Ctrl-C',
  isLocal: true,
  options: [
    new Option('--port <n>', 'port of the endpoint; 0 for any')
      .argParser(parseWhole(0, 65_535))
      .default(4566),
    new Option(
      '--database-url <url>',
      'an existing PostgreSQL, with a user who can create roles and databases',
    ),
    repeatable('--load <path>', 'load a file or a folder first, unless the bucket has it; may be repeated'),
    new Option('--once', 'stop when all uploads are loaded').default(false),
  ],
  run: (_args, options, { io }) => up(options, io),
};

async function up(options: UpOptions, io: Io): Promise<ExitCode> {
  const files = await findFiles(options.load, undefined, io);
  const interrupted = Promise.withResolvers<'interrupted'>();
  onStopSignal(() => interrupted.resolve('interrupted'));
  io.note(`Starting the pipeline in ${resolve(options.dataDir)} …`);
  const cloud = await startLocalCloud({
    directory: new DataDirectory(options.dataDir),
    port: options.port,
    databaseUrl: options.databaseUrl,
    onProblem: (problem) => io.note(problem.message),
  });
  const client = new CloudClient(localAccess(cloud.running, options.dataDir), io.note);
  try {
    await Promise.race([run(client, io, cloud, files, options.once), interrupted.promise]);
  } finally {
    // The handlers stay: a second Ctrl-C must not interrupt the stop and leave a server running.
    client.close();
    await cloud.stop();
    io.note('Stopped.');
  }
  return EXIT.done;
}

async function run(
  client: CloudClient,
  io: Io,
  cloud: LocalCloud,
  files: readonly LocalFile[],
  once: boolean,
) {
  const seen = new Set((await readHistory(client, HISTORY_LENGTH)).filter(isFinished).map(idOf));
  const missing = await findMissing(client, files);
  const loaded = await waitForUploads(client, await putFiles(client, missing, io), io);
  const interrupted = await readHistory(client, Number.POSITIVE_INFINITY, { status: 'loading' });
  const results = [...(await waitForUploads(client, interrupted, io)), ...loaded];
  for (const { uploadId } of results) seen.add(uploadId);
  io.print('');
  if (results.length > 0) await printResults(client, io, results);
  else await printCounts(client, io);
  if (missing.length > 0) await printAnswers(client, io);
  if (once) return;
  printAddresses(io, client, cloud.running);
  printConsole(io, client, cloud.running);
  await watch(client, io, cloud, seen);
}

const isFinished = ({ status }: LedgerEntry) => status !== 'loading';
const idOf = ({ uploadId }: LedgerEntry) => uploadId;

/** Prints one line about the uploads of earlier starts, and what is not in the ledger yet. */
async function printCounts(client: CloudClient, io: Io): Promise<void> {
  const [counts] = await client.query(
    `SELECT count(*) AS uploads, count(*) FILTER (WHERE status = 'failed') AS failed,
       coalesce(sum(rows_inserted), 0) AS inserted, coalesce(sum(rows_rejected), 0) AS rejected,
       coalesce(sum(rows_conflicting), 0) AS conflicting
     FROM ledger.upload_history WHERE status <> 'superseded'`,
  );
  const number = (name: string) => Number(counts?.[name]);
  const count = (name: string, noun?: string) =>
    `${formatNumber(number(name))}${noun === undefined ? '' : ` ${plural(number(name), noun)}`}`;
  const waiting = await describeWaiting(client);
  const news = waiting === '' ? 'Nothing new' : `Waiting to be loaded: ${waiting}`;
  io.print(
    `${news}. In the ledger: ${count('uploads', 'upload')} (${count('failed')} failed), ${count('inserted', 'row')} ` +
      `inserted, ${count('rejected')} rejected, ${count('conflicting')} conflicting. ` +
      `"${client.commandLine('uploads')}" lists them.`,
  );
  if (counts?.uploads !== 0 || !(await hasFiles(client))) return;
  io.print(
    `The bucket has files that the ledger does not have: "${client.commandLine('replay', '--all')}" loads them.`,
  );
}

async function hasFiles({ s3, bucket }: CloudClient): Promise<boolean> {
  for await (const { objects } of listUploads(s3, bucket)) if (objects.length > 0) return true;
  return false;
}

async function printResults(client: CloudClient, io: Io, entries: readonly LedgerEntry[]): Promise<void> {
  printUploads(io, entries, false);
  await printRejects(client, io, entries);
}

/** Prints the link that a person needs first. It is the last output, where people see it. */
function printConsole(io: Io, client: CloudClient, running: RunningCloud): void {
  const link = createConsoleLink(running);
  if (link === undefined) return;
  io.print(['Open the console in a browser:', `  ${link}`]);
  io.print(`The link works once, for an hour. "${client.commandLine('console')}" prints another.`);
}

function printAddresses(io: Io, client: CloudClient, running: RunningCloud): void {
  const { bucket, access } = client;
  const { endpoint, databaseUrl } = running;
  const sample = relative('', join(LOCAL_PROJECT.dir, 'samples/retail_15_03_2025.csv'));
  const text = `
The pipeline is running. Ctrl-C stops it; its data is kept.
  S3 endpoint   ${endpoint}   bucket ${bucket}
  PostgreSQL    ${databaseUrl}   (read-only, for psql or a BI tool)

Load a file from another terminal:
  ${client.commandLine('load', sample)}
or with the AWS CLI:
  ${formatExports(running).join('\n  ')}
  aws s3 cp ${quoteForShell(sample)} s3://${bucket}/incoming/store=main/
`;
  io.print(text.split('\n'));
  const { httpApiUrl, webSocketUrl } = access.outputs;
  if (httpApiUrl === undefined) return;
  const api = `Or send transactions, one JSON object a line; --ws uses the WebSocket API:
  ${client.commandLine('send', 'FILE.ndjson')}
  HTTP API       ${httpApiUrl}
  WebSocket API  ${webSocketUrl}
with the credentials of a till:
  eval "$(${client.commandLine('credentials', '--policy', findTillPolicy(running))})"
`;
  io.print(api.split('\n'));
}

/** Finds the name of the policy for the tills of the default store, or of the first store. */
function findTillPolicy({ outputs }: RunningCloud): string {
  const names = Object.keys(outputs).filter((name) => name.startsWith(tillPolicyOutput('')));
  const ofDefault = outputs[tillPolicyOutput(DEFAULT_STORE)];
  return (ofDefault ?? outputs[names[0] ?? ''] ?? '').split('/').at(-1)!;
}

/** Prints each upload when it finishes, and each new database password. */
async function watch(client: CloudClient, io: Io, cloud: LocalCloud, seen: Set<string>): Promise<never> {
  let { databaseUrl } = cloud.running;
  for (;;) {
    await sleep(WATCH_MILLISECONDS);
    if (cloud.running.databaseUrl !== databaseUrl) {
      databaseUrl = cloud.running.databaseUrl;
      io.print(['', "The analyst's password has changed.", `  PostgreSQL    ${databaseUrl}`]);
    }
    // While the database is unavailable, uploads wait for it.
    const history = await readHistory(client, HISTORY_LENGTH).catch(() => []);
    const finished = history.filter((entry) => isFinished(entry) && !seen.has(entry.uploadId));
    for (const { uploadId } of finished) seen.add(uploadId);
    if (finished.length > 0) {
      io.print('');
      await printResults(client, io, await countOpenRows(client, finished).catch(() => finished));
    }
  }
}
