import { createReadStream } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { DataDirectory } from '../../local/data-directory.ts';
import type { Delivery, FaultPlan, FunctionCall } from '../../local/faults/fault-plan.ts';
import { readReports } from '../../local/functions/platform-log.ts';
import { LocalCloud } from '../../local/local-cloud.ts';
import type { FunctionName, ScheduledUsage, Usage, Work } from '../cost/consumption.ts';
import { loadFile } from './load-file.ts';
import { parse } from './parse.ts';
import { buildFileName, writeSample } from './sample.ts';

/** CloudWatch counts this overhead for each event (CloudWatch Logs API reference, PutLogEvents). */
const LOG_BYTES_PER_EVENT = 26;
const LOG_TIMEOUT_MILLISECONDS = 30_000;
const LOG_POLL_MILLISECONDS = 100;

/** Bytes that SQS bills as one request (SQS pricing, "How are Amazon SQS requests priced?"). */
const SQS_REQUEST_BYTES = 65_536;
const MAX_MESSAGE_BYTES = 1_048_576;
/** Maximum number of entries of DeleteMessageBatch. */
const MAX_DELETED_MESSAGES = 10;
/** Requests for the event of a file: sent by S3, received and deleted by Lambda. */
export const SQS_REQUESTS_PER_FILE = 3;
/** Bytes that the Data API bills as one request (Aurora pricing, "Data API"). */
export const DATA_API_REQUEST_BYTES = 32_768;
/** Part size of an upload by the command line (cli/cloud-client.ts). */
const PART_BYTES = 8 * 1_024 ** 2;

/** A part of a function's log. */
interface LoggedWork {
  readonly work: Work;
  readonly logBytes: number;
}

/** Counts the requests for messages of these lengths, each sent, received and deleted once. */
export function countSqsRequests(lengths: readonly number[]): number {
  const chunks = lengths.reduce((sum, length) => sum + Math.ceil(length / SQS_REQUEST_BYTES), 0);
  return 2 * chunks + lengths.length;
}

/** Counts the requests for full messages that contain only the bytes of a file and are deleted ten at a time. */
export function countMinSqsRequests(bytes: number): number {
  const messages = Math.ceil(bytes / MAX_MESSAGE_BYTES);
  return 2 * Math.ceil(bytes / SQS_REQUEST_BYTES) + Math.ceil(messages / MAX_DELETED_MESSAGES);
}

/** A fault plan without faults: it records calls and deliveries. */
class CallRecorder implements FaultPlan {
  #calls: FunctionCall[] = [];
  #deliveries: Delivery[] = [];

  onCall(call: FunctionCall): undefined {
    this.#calls.push(call);
  }

  onDelivery(delivery: Delivery): undefined {
    this.#deliveries.push(delivery);
  }

  /** Takes the calls and deliveries of the parser and the loader since the last time. */
  take() {
    const isOf = (folder: FunctionName) => (item: { readonly functionName: string }) =>
      item.functionName.includes(`-pipeline-${folder}`);
    const [calls, deliveries] = [this.#calls.splice(0), this.#deliveries.splice(0)];
    const parserCalls = calls.filter(isOf('parse'));
    const loads = deliveries.filter(isOf('load'));
    return {
      parserCalls,
      statements: calls.filter(isOf('load')).filter(({ action }) => action === 'ExecuteStatement'),
      parserInvocations: deliveries.filter(isOf('parse')).length,
      loaderInvocations: loads.length,
      messages: loads.reduce((sum, { messageIds }) => sum + messageIds.length, 0),
    };
  }
}

/** A local cloud in this process, in which the consumption of files and functions is measured. */
export class PipelineRun implements AsyncDisposable {
  readonly metrics = new Map<FunctionName, Set<string>>();
  /** Processor time of each start, in milliseconds. */
  readonly starts = new Map<FunctionName, number[]>();
  #dir: string;
  #cloud: LocalCloud;
  #client: CloudClient;
  #database: pg.Client;
  #recorder: CallRecorder;
  #problems: readonly Error[];
  #logOffsets = new Map<FunctionName, number>();
  #files = 0;

  private constructor(
    dir: string,
    cloud: LocalCloud,
    database: pg.Client,
    recorder: CallRecorder,
    problems: readonly Error[],
  ) {
    this.#dir = dir;
    this.#cloud = cloud;
    this.#client = new CloudClient(localAccess(cloud.running));
    this.#database = database;
    this.#recorder = recorder;
    this.#problems = problems;
  }

  /** @param dir an empty folder for the data of the cloud */
  static async start(dir: string, assemblyDir: string): Promise<PipelineRun> {
    const faults = new CallRecorder();
    const problems: Error[] = [];
    const onProblem = (problem: Error) => problems.push(problem);
    const directory = new DataDirectory(join(dir, 'data'));
    const cloud = await LocalCloud.start({
      project: LOCAL_PROJECT,
      directory,
      assemblyDir,
      faults,
      onProblem,
    });
    const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
    await database.connect();
    return new PipelineRun(dir, cloud, database, faults, problems);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await this.#database.end();
    await this.#cloud.stop();
  }

  /** Loads files with these numbers of rows, one after the other, and sums their consumption. */
  async load(rowsOfFiles: readonly number[]): Promise<Usage> {
    const before = await this.readDatabaseState();
    let [uploadedBytes, uploadRequests, sqsRequests] = [0, 0, 0];
    for (const rows of rowsOfFiles) {
      const seed = ++this.#files;
      const file = join(this.#dir, buildFileName(seed));
      await writeSample(file, rows, seed);
      await loadFile(this.#client, file, rows);
      const { size } = await stat(file);
      uploadedBytes += size;
      uploadRequests += size > PART_BYTES ? Math.ceil(size / PART_BYTES) + 2 : 1;
      // The same file gives the same messages: parsing it again tells their sizes.
      const lengths: number[] = [];
      await parse(createReadStream(file), (message) => lengths.push(message.length));
      sqsRequests += countSqsRequests(lengths) + SQS_REQUESTS_PER_FILE;
      await rm(file);
    }
    const { parserCalls, statements, messages, ...invocations } = this.#recorder.take();
    const count = (actions: RegExp) => parserCalls.filter(({ action }) => actions.test(action)).length;
    const parse_ = await this.#readLog('parse', invocations.parserInvocations);
    const load = await this.#readLog('load', invocations.loaderInvocations);
    const after = await this.readDatabaseState();
    if (this.#problems.length > 0) throw this.#problems[0];
    return {
      uploadedBytes,
      s3Writes: uploadRequests + count(/^(Put|Upload|Create|Complete|List)/),
      s3Reads: count(/^(Get|Head)Object$/),
      sqsRequests,
      messages,
      parse: parse_.work,
      load: load.work,
      dataApiCalls: statements.length,
      dataApiRequests: statements.reduce((sum, { requestBytes }) => {
        return sum + Math.ceil(requestBytes / DATA_API_REQUEST_BYTES);
      }, 0),
      databaseBytes: after.bytes - before.bytes,
      walBytes: after.walBytes - before.walBytes,
      logBytes: parse_.logBytes + load.logBytes,
    };
  }

  /** Calls a function as its schedule does. The cold start is not part of the result. */
  async invoke(name: 'sweep' | 'verify'): Promise<ScheduledUsage> {
    await this.#cloud.invoke(name);
    await this.#readLog(name, 1);
    await this.#cloud.invoke(name);
    return this.#readLog(name, 1);
  }

  async readDatabaseState(): Promise<{ readonly bytes: number; readonly walBytes: number }> {
    const { rows } = await this.#database.query<{ bytes: string; wal: string }>(
      `SELECT pg_database_size(current_database()) AS bytes, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal`,
    );
    return { bytes: Number(rows[0]!.bytes), walBytes: Number(rows[0]!.wal) };
  }

  /** Waits for the reports of a number of invocations and reads the log since the last time. */
  async #readLog(name: FunctionName, invocations: number): Promise<LoggedWork> {
    const deadline = Date.now() + LOG_TIMEOUT_MILLISECONDS;
    const offset = this.#logOffsets.get(name) ?? 0;
    for (;;) {
      const text = (await this.#readLogFile(name)).slice(offset);
      if (readReports(text).length >= invocations && text.endsWith('\n')) {
        this.#logOffsets.set(name, offset + text.length);
        return this.#summarize(name, text);
      }
      if (Date.now() > deadline) throw new Error(`the log of ${name} has fewer than ${invocations} reports`);
      await sleep(LOG_POLL_MILLISECONDS);
    }
  }

  async #readLogFile(name: FunctionName): Promise<string> {
    const dir = new DataDirectory(join(this.#dir, 'data')).folder('logs');
    const file = (await readdir(dir)).find((entry) => entry.includes(`-pipeline-${name}`));
    return file === undefined ? '' : readFile(join(dir, file), 'latin1');
  }

  #summarize(name: FunctionName, text: string): LoggedWork {
    const reports = readReports(text);
    const lines = text.split('\n').filter((line) => line !== '');
    const metrics = [...text.matchAll(/"Name":"(\w+)"/g)].map(([, metric]) => metric!);
    this.metrics.set(name, new Set([...(this.metrics.get(name) ?? []), ...metrics]));
    const starts = reports.flatMap(({ initMilliseconds = [] }) => initMilliseconds);
    this.starts.set(name, [...(this.starts.get(name) ?? []), ...starts]);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const cpuMilliseconds = sum(reports.map((report) => report.cpuMilliseconds));
    const duration = sum(reports.map((report) => report.durationMilliseconds));
    return {
      work: {
        invocations: reports.length,
        cpuMilliseconds,
        waitMilliseconds: Math.max(0, duration - cpuMilliseconds),
      },
      logBytes: text.length + lines.length * LOG_BYTES_PER_EVENT,
    };
  }
}
