import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { Delivery, FunctionCall } from '../../local/faults/fault-plan.ts';
import { readReports } from '../../local/functions/platform-log.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import type { FunctionName, ScheduledUsage, Usage } from '../cost/consumption.ts';
import { buildFileName, loadFile, writeSample } from './files.ts';
import { sum } from './numbers.ts';
import { countRequests, DATA_API_REQUEST_BYTES } from './requests.ts';

/** CloudWatch counts this overhead for each event (CloudWatch Logs API reference, PutLogEvents). */
const LOG_BYTES_PER_EVENT = 26;
const LOG_TIMEOUT_MILLISECONDS = 30_000;
const LOG_POLL_MILLISECONDS = 100;
/** Functions that work for a file. */
const FUNCTIONS = ['parse', 'load', 'notify'] as const;
/** Part size of an upload by the command line (cli/cloud-client.ts). */
const PART_BYTES = 8 * 1_024 ** 2;

type LoggedUsage = Omit<ScheduledUsage, 's3Objects'>;

/**
 * Starts a local cloud in this process, in which the consumption of files and functions is measured.
 * @param dir an empty folder for the data of the cloud
 */
export async function startPipelineRun(dir: string, assemblyDir: string) {
  const calls: FunctionCall[] = [];
  const deliveries: Delivery[] = [];
  const problems: Error[] = [];
  const logOffsets = new Map<FunctionName, number>();
  let files = 0;
  await using starting = new AsyncDisposableStack();
  const directory = new DataDirectory(join(dir, 'data'));
  const cloud = await LocalCloud.start({
    project: LOCAL_PROJECT,
    directory,
    assemblyDir,
    // A fault plan without faults records the calls and deliveries.
    faults: {
      onCall: (call) => void calls.push(call),
      onDelivery: (delivery) => void deliveries.push(delivery),
    },
    onProblem: (problem) => problems.push(problem),
  });
  starting.defer(() => cloud.stop());
  const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
  await database.connect();
  starting.defer(() => database.end());
  const client = starting.adopt(new CloudClient(localAccess(cloud.running)), (open) => open.close());
  const disposables = starting.move();

  async function readDatabaseState(): Promise<{ readonly bytes: number; readonly walBytes: number }> {
    const { rows } = await database.query<{ bytes: string; wal: string }>(
      `SELECT pg_database_size(current_database()) AS bytes, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal`,
    );
    return { bytes: Number(rows[0]!.bytes), walBytes: Number(rows[0]!.wal) };
  }

  function readLog(name: FunctionName): string {
    const folder = directory.folder('logs');
    const file = readdirSync(folder).find((entry) => isNameOf(name, entry));
    return file === undefined ? '' : readFileSync(join(folder, file), 'latin1');
  }

  /** Waits for the reports of a number of invocations and summarizes the log since the last time. */
  async function readUsage(name: FunctionName, invocations: number): Promise<LoggedUsage> {
    const deadline = Date.now() + LOG_TIMEOUT_MILLISECONDS;
    const offset = logOffsets.get(name) ?? 0;
    for (;;) {
      const text = readLog(name).slice(offset);
      if (readReports(text).length >= invocations && text.endsWith('\n')) {
        logOffsets.set(name, offset + text.length);
        return summarizeLog(text);
      }
      if (Date.now() > deadline) throw new Error(`the log of ${name} has fewer than ${invocations} reports`);
      await sleep(LOG_POLL_MILLISECONDS);
    }
  }

  /** Waits until the notifier has got the messages of a number of uploads that ended. */
  async function waitForNotices(uploads: number): Promise<void> {
    const deadline = Date.now() + LOG_TIMEOUT_MILLISECONDS;
    while (countMessages(ofFunction('notify', deliveries)) < uploads) {
      if (Date.now() > deadline) throw new Error(`the notifier got fewer than ${uploads} messages`);
      await sleep(LOG_POLL_MILLISECONDS);
    }
  }

  return {
    readDatabaseState,

    /** Loads files with these numbers of rows, one after the other, and sums their consumption. */
    async load(rowsOfFiles: readonly number[]): Promise<Usage> {
      const before = await readDatabaseState();
      let [uploadedBytes, uploadRequests, sqsRequests] = [0, 0, 0];
      for (const rows of rowsOfFiles) {
        const seed = ++files;
        const file = join(dir, buildFileName(seed));
        await writeSample(file, rows, seed);
        await loadFile(client, file, rows);
        const { size } = await stat(file);
        uploadedBytes += size;
        uploadRequests += size > PART_BYTES ? Math.ceil(size / PART_BYTES) + 2 : 1;
        // The same file gives the same messages: parsing it again tells their sizes.
        sqsRequests += (await countRequests(createReadStream(file))).sqsRequests;
        await rm(file);
      }
      await waitForNotices(rowsOfFiles.length);
      const ended = deliveries.splice(0);
      const [parses, loads, notices] = FUNCTIONS.map((name) => ofFunction(name, ended));
      const parseUsage = await readUsage('parse', parses!.length);
      const loadUsage = await readUsage('load', loads!.length);
      const notifyUsage = await readUsage('notify', notices!.length);
      const made = calls
        .splice(0)
        .filter((call) => FUNCTIONS.some((name) => isNameOf(name, call.functionName)));
      const count = (actions: RegExp) => made.filter(({ action }) => actions.test(action)).length;
      const statements = made.filter(({ action }) => action === 'ExecuteStatement');
      const after = await readDatabaseState();
      if (problems.length > 0) throw problems[0];
      return {
        uploadedBytes,
        s3Writes: uploadRequests + count(/^(PutObject|Upload|Create|Complete|List)/),
        s3Reads: count(/^(Get|Head)Object$/),
        s3Objects: rowsOfFiles.length + count(/^(PutObject|CompleteMultipartUpload)$/),
        sqsRequests,
        messages: countMessages(loads!),
        dataApiCalls: statements.length,
        dataApiRequests: sum(statements.map((call) => Math.ceil(call.requestBytes / DATA_API_REQUEST_BYTES))),
        databaseBytes: after.bytes - before.bytes,
        walBytes: after.walBytes - before.walBytes,
        events: count(/^PutEvents$/),
        logBytes: parseUsage.logBytes + loadUsage.logBytes + notifyUsage.logBytes,
        parse: parseUsage.work,
        load: loadUsage.work,
        notify: notifyUsage.work,
      };
    },

    /** Calls a function as its schedule does. The cold start is not part of the result. */
    async invoke(name: 'sweep' | 'verify'): Promise<ScheduledUsage> {
      await cloud.invoke(name);
      await readUsage(name, 1);
      calls.length = 0;
      await cloud.invoke(name);
      const own = calls.filter(({ functionName }) => isNameOf(name, functionName));
      const s3Objects = own.filter(({ action }) => action === 'PutObject').length;
      return { ...(await readUsage(name, 1)), s3Objects };
    },

    /** Averages the processor time of the starts so far, in whole milliseconds. */
    measureStart(name: FunctionName): number {
      const starts = readReports(readLog(name)).flatMap(({ initMilliseconds = [] }) => initMilliseconds);
      return Math.ceil(sum(starts) / Math.max(1, starts.length));
    },

    countMetrics(name: FunctionName): number {
      const metrics = readLog(name).matchAll(/"Name":"(\w+)"/g);
      return new Set([...metrics].map(([, metric]) => metric)).size;
    },

    [Symbol.asyncDispose]: () => disposables.disposeAsync(),
  };
}

/** Tests whether a function, or the file of its log, belongs to a folder of `lambdas/`. */
function isNameOf(folder: FunctionName, name: string): boolean {
  return name.includes(`-pipeline-${folder}`);
}

function ofFunction(folder: FunctionName, deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.filter(({ functionName }) => isNameOf(folder, functionName));
}

function countMessages(deliveries: readonly Delivery[]): number {
  return sum(deliveries.map(({ messageIds }) => messageIds.length));
}

function summarizeLog(text: string): LoggedUsage {
  const reports = readReports(text);
  const lines = text.split('\n').filter((line) => line !== '');
  const cpuMilliseconds = sum(reports.map((report) => report.cpuMilliseconds));
  const duration = sum(reports.map((report) => report.durationMilliseconds));
  const waitMilliseconds = Math.max(0, duration - cpuMilliseconds);
  return {
    work: { invocations: reports.length, cpuMilliseconds, waitMilliseconds },
    logBytes: text.length + lines.length * LOG_BYTES_PER_EVENT,
  };
}
