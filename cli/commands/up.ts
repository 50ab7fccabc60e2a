import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { DEFAULT_STORE } from '../../lambdas/core/upload-key.ts';
import { DataDirectory, type RunningCloud } from '../../local/data-directory.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import { printAnswers } from '../answers.ts';
import { CloudClient } from '../cloud-client.ts';
import { findCsvFiles } from '../csv-files.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LedgerEntry, readHistory } from '../ledger.ts';
import { findMissing, putFiles, waitForUploads } from '../load-files.ts';
import { localAccess } from '../local-access.ts';
import { LOCAL_PROJECT } from '../local-project.ts';
import { parseWhole, withLocalOptions } from '../options.ts';
import { note, print } from '../output/console.ts';
import { printEntries } from '../output/ledger-table.ts';
import { printSetAside } from '../set-aside.ts';

const HISTORY_LINES = 20;
const WATCH_MILLISECONDS = 500;

interface UpOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly databaseUrl?: string;
  readonly load: readonly string[];
  readonly once: boolean;
}

export function addUp(program: Command, finish: (code: ExitCode) => void): void {
  const collect = (value: string, previous: readonly string[]) => [...previous, value];
  const command = program
    .command('up')
    .description('start the pipeline on this machine and stay, loading whatever is dropped')
    .option('--port <n>', 'the port of the endpoint; 0 for any', parseWhole(0, 65_535), 4566)
    .option('--database-url <url>', 'an existing PostgreSQL, as a user who may create roles and databases')
    .option(
      '--load <path>',
      'drop a file or a folder first, unless the bucket has it; may be given again',
      collect,
      [],
    )
    .option('--once', 'stop when everything that was dropped is loaded', false);
  withLocalOptions(command).action(async (options: UpOptions) => finish(await up(options)));
}

async function up(options: UpOptions): Promise<ExitCode> {
  const files = options.load.length === 0 ? [] : await findCsvFiles(options.load);
  const interrupted = Promise.withResolvers<'interrupted'>();
  const onInterrupt = () => interrupted.resolve('interrupted');
  process.on('SIGINT', onInterrupt).on('SIGTERM', onInterrupt);
  note('Starting the pipeline …');
  const cloud = await LocalCloud.start({
    project: LOCAL_PROJECT,
    directory: new DataDirectory(options.dataDir),
    port: options.port,
    databaseUrl: options.databaseUrl,
    onProblem: (problem) => note(problem.message),
  });
  const client = new CloudClient(localAccess(cloud.running));
  try {
    await Promise.race([run(client, cloud, files, options.once), interrupted.promise]);
  } finally {
    // The handlers stay: a second Ctrl-C must not cut the stopping short and leave a server behind.
    client.close();
    await cloud.stop();
    note('Stopped.');
  }
  return EXIT.done;
}

async function run(client: CloudClient, cloud: LocalCloud, files: readonly string[], once: boolean) {
  await waitForUploads(
    client,
    await putFiles(client, await findMissing(client, files, DEFAULT_STORE), DEFAULT_STORE),
  );
  const unfinished = (await readHistory(client, Number.POSITIVE_INFINITY)).filter(isOpen);
  await waitForUploads(client, unfinished);
  const history = await readHistory(client, HISTORY_LINES);
  print('');
  printEntries(history, false);
  await printSetAside(client, history);
  await printAnswers(client);
  if (once) return;
  printPlaces(client.bucket, cloud.running);
  await watch(client, cloud, new Set(history.map(({ uploadId }) => uploadId)));
}

function isOpen({ status }: LedgerEntry): boolean {
  return status === 'loading';
}

function printPlaces(bucket: string, { endpoint, databaseUrl }: RunningCloud): void {
  print(`
The pipeline is running. Ctrl-C stops it; what it has stays.
  S3 endpoint   ${endpoint}   bucket ${bucket}
  PostgreSQL    ${databaseUrl}   (may read; for psql or a BI tool)

Drop a file from another terminal:
  npm run --silent retail -- load retail_16_01_2022.csv
or with the AWS CLI:
  export AWS_ACCESS_KEY_ID=operator AWS_SECRET_ACCESS_KEY=operator AWS_DEFAULT_REGION=us-east-1
  aws --endpoint-url ${endpoint} s3 cp retail_16_01_2022.csv s3://${bucket}/incoming/store=main/
`);
}

/** Prints a line for each upload that comes to its end from now on. */
async function watch(client: CloudClient, cloud: LocalCloud, seen: Set<string>): Promise<never> {
  let { databaseUrl } = cloud.running;
  for (;;) {
    await sleep(WATCH_MILLISECONDS);
    if (cloud.running.databaseUrl !== databaseUrl) {
      databaseUrl = cloud.running.databaseUrl;
      print(`\nThe analyst's password was changed.\n  PostgreSQL    ${databaseUrl}`);
    }
    // A database that is away for a while comes back; what is loading waits for it.
    const history = await readHistory(client, HISTORY_LINES).catch(() => []);
    const finished = history.filter((entry) => !isOpen(entry) && !seen.has(entry.uploadId));
    for (const { uploadId } of finished) seen.add(uploadId);
    if (finished.length > 0) {
      print('');
      printEntries(finished, false);
      await printSetAside(client, finished);
    }
  }
}
