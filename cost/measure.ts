import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import pg from 'pg';
import { CloudClient, type PutUpload } from '../cli/cloud-client.ts';
import { waitForUploads } from '../cli/load-files.ts';
import type { Upload } from '../lambdas/contract/row-batch.ts';
import { STACK_OUTPUTS } from '../lambdas/contract/stack-outputs.ts';
import { buildUploadKey } from '../lambdas/contract/upload-key.ts';
import { parseBasisPoints } from '../lambdas/core/money.ts';
import { parseUpload } from '../lambdas/core/parse-upload.ts';
import { encodeBatch } from '../lambdas/core/row-batcher.ts';
import { DataDirectory } from '../local/data-directory.ts';
import { LocalCloud } from '../local/local-cloud.ts';
import { generateCsv } from '../samples/generator.ts';
import { type Consumption, FUNCTIONS, type FunctionName, type Usage } from './consumption.ts';
import { FunctionLogs, type LoggedWork } from './function-logs.ts';
import { Recorder } from './recorder.ts';
import { minus, perMillion, shareOf } from './usage.ts';

const DATE = '2025-03-17';
const SMALL_FILES = 20;
const PART_BYTES = 8 * 1_024 ** 2;
const SQS_REQUEST_BYTES = 65_536;
/** Of a file's announcement: sent by S3, received and deleted by Lambda. */
const SQS_REQUESTS_PER_FILE = 3;
/** As in cdk.json: another tax gives other messages only where rows break its rule. */
const PARSE_SETTINGS = { basisPoints: parseBasisPoints('20'), maxMessageBytes: 1_048_576 };

/**
 * Runs the pipeline here, with small files and a large one, and counts what they use.
 * @param note hears how far it is
 */
export async function measure(rows: number, note: (text: string) => void): Promise<Consumption> {
  const dir = await mkdtemp(join(tmpdir(), 'retail-cost-'));
  const recorder = new Recorder();
  const problems: Error[] = [];
  const directory = new DataDirectory(join(dir, 'data'));
  const cloud = await LocalCloud.start({
    directory,
    faults: recorder,
    onProblem: (problem) => problems.push(problem),
  });
  const database = new pg.Client({ connectionString: cloud.running.databaseUrl });
  const client = new CloudClient(cloud.running);
  try {
    await database.connect();
    const run = new Run({
      dir,
      cloud,
      client,
      database,
      recorder,
      logs: new FunctionLogs(directory.folder('logs')),
    });
    // S3's test event and the starts are apart.
    await run.load([1]);
    const emptyDatabaseBytes = (await run.databaseState()).bytes;
    note(`${SMALL_FILES} files with one row`);
    const small = await run.load(Array.from({ length: SMALL_FILES }, () => 1));
    note(`one file with ${rows.toLocaleString('en-US')} rows`);
    const large = await run.load([rows]);
    note('the scheduled functions');
    const perSweep = await run.invoke('sweeper');
    const perVerification = await run.invoke('verifier');
    if (problems.length > 0) throw problems[0];
    const perFile = shareOf(small, SMALL_FILES);
    return {
      measured: { date: new Date().toISOString().slice(0, 10), rows, processors: availableParallelism() },
      perMillionRows: perMillion(minus(large, perFile), rows),
      perFile,
      perSweep,
      perVerification,
      startMilliseconds: run.ofEach(({ startMilliseconds: starts }) => {
        return Math.ceil(starts.reduce((sum, start) => sum + start, 0) / Math.max(1, starts.length));
      }),
      metrics: run.ofEach(({ metrics }) => metrics.size),
      emptyDatabaseBytes,
    };
  } finally {
    client.close();
    await database.end();
    await cloud.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

interface Parts {
  readonly dir: string;
  readonly cloud: LocalCloud;
  readonly client: CloudClient;
  readonly database: pg.Client;
  readonly recorder: Recorder;
  readonly logs: FunctionLogs;
}

class Run {
  #parts: Parts;
  #files = 0;
  /** All that was read of each function's log. */
  #logged = new Map<FunctionName, LoggedWork[]>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Loads files with so many rows, one after the other, and says what all of them used. */
  async load(rowsOfFiles: readonly number[]): Promise<Usage> {
    const { client, recorder } = this.#parts;
    const before = await this.databaseState();
    let uploadedBytes = 0;
    let s3Writes = 0;
    let sqsRequests = 0;
    let messages = 0;
    for (const rows of rowsOfFiles) {
      const { file, upload } = await this.#drop(rows);
      const [entry] = await waitForUploads(client, [upload]);
      if (entry?.status !== 'complete' || entry.rowsInserted !== rows) {
        throw new Error(`the pipeline did not load the file: ${JSON.stringify(entry)}`);
      }
      const { size } = await stat(file);
      const lengths = await this.#messageLengths(file, upload);
      uploadedBytes += size;
      s3Writes += size > PART_BYTES ? Math.ceil(size / PART_BYTES) + 2 : 1;
      messages += lengths.length;
      const chunks = lengths.reduce((sum, length) => sum + Math.ceil(length / SQS_REQUEST_BYTES), 0);
      sqsRequests += 2 * chunks + lengths.length + SQS_REQUESTS_PER_FILE;
      await rm(file);
    }
    const calls = recorder.take();
    if (calls.messages !== messages) {
      throw new Error(`the consumer got ${calls.messages} messages, and the files have ${messages}`);
    }
    const parser = await this.#take('parser', calls.deliveries.parser);
    const consumer = await this.#take('consumer', calls.deliveries.consumer);
    const after = await this.databaseState();
    return {
      uploadedBytes,
      s3Writes: s3Writes + calls.s3Writes,
      s3Reads: calls.s3Reads,
      sqsRequests,
      messages,
      parser: parser.work,
      consumer: consumer.work,
      dataApiCalls: calls.dataApiCalls,
      dataApiRequests: calls.dataApiRequests,
      databaseBytes: after.bytes - before.bytes,
      walBytes: after.walBytes - before.walBytes,
      logBytes: parser.logBytes + consumer.logBytes,
    };
  }

  /** Calls a function as its schedule does; its start is not part of what it used. */
  async invoke(name: 'sweeper' | 'verifier') {
    await this.#parts.cloud.invoke(name);
    await this.#take(name, 1);
    await this.#parts.cloud.invoke(name);
    const { work, logBytes } = await this.#take(name, 1);
    return {
      work: {
        invocations: 1,
        cpuMilliseconds: Math.ceil(work.cpuMilliseconds),
        waitMilliseconds: Math.ceil(work.waitMilliseconds),
      },
      logBytes,
    };
  }

  ofEach(value: (logged: LoggedWork) => number): Record<FunctionName, number> {
    const all = FUNCTIONS.map((name) => {
      const pieces = this.#logged.get(name) ?? [];
      const merged: LoggedWork = {
        ...pieces[0]!,
        metrics: new Set(pieces.flatMap(({ metrics }) => [...metrics])),
        startMilliseconds: pieces.flatMap(({ startMilliseconds }) => startMilliseconds),
      };
      return [name, value(merged)] as const;
    });
    return Object.fromEntries(all) as Record<FunctionName, number>;
  }

  async databaseState(): Promise<{ bytes: number; walBytes: number }> {
    const { rows } = await this.#parts.database.query<{ bytes: string; wal: string }>(
      `SELECT pg_database_size(current_database()) AS bytes, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal`,
    );
    return { bytes: Number(rows[0]!.bytes), walBytes: Number(rows[0]!.wal) };
  }

  async #take(name: FunctionName, invocations: number): Promise<LoggedWork> {
    const logged = await this.#parts.logs.take(name, invocations);
    this.#logged.set(name, [...(this.#logged.get(name) ?? []), logged]);
    return logged;
  }

  async #drop(rows: number): Promise<{ file: string; upload: PutUpload }> {
    const seed = ++this.#files;
    const fileName = `retail_17_03_2025_${seed}.csv`;
    const file = join(this.#parts.dir, fileName);
    const target = createWriteStream(file);
    for (const piece of generateCsv({ rows, seed, date: DATE, days: 1, broken: 0 })) {
      if (!target.write(piece)) await once(target, 'drain');
    }
    await finished(target.end());
    const key = buildUploadKey({ storeId: 'main', fileName });
    return { file, upload: await this.#parts.client.putFile(file, key, () => undefined) };
  }

  /** The same file gives the same messages: those that the parser sent. */
  async #messageLengths(file: string, { uploadId, bucket, key, versionId }: PutUpload): Promise<number[]> {
    const upload: Upload = {
      uploadId,
      bucket,
      key,
      versionId,
      storeId: 'main',
      revision: this.#parts.cloud.running.outputs[STACK_OUTPUTS.parserRevision]!,
      receivedAt: new Date().toISOString(),
    };
    const lengths: number[] = [];
    await parseUpload(upload, { chunks: createReadStream(file) }, PARSE_SETTINGS, async (batch) => {
      lengths.push(encodeBatch(batch).length);
    });
    return lengths;
  }
}
