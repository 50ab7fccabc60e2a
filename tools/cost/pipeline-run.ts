import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type pg from 'pg';
import type { CloudClient, PutUpload } from '../../cli/cloud-client.ts';
import { waitForUploads } from '../../cli/load-files.ts';
import { parseBasisPoints } from '../../lambdas/core/money.ts';
import { parseUpload } from '../../lambdas/core/parse-upload.ts';
import type { Upload } from '../../lambdas/core/row-batch.ts';
import { encodeBatch } from '../../lambdas/core/row-batcher.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import { STACK_OUTPUTS } from '../../lambdas/shared/stacks.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { generateCsv } from '../generator/generator.ts';
import { FUNCTIONS, type FunctionName, type ScheduledUsage, type Usage } from './consumption.ts';
import type { FunctionLogs, LoggedWork } from './function-logs.ts';
import { requestsOfMessages } from './queue-requests.ts';
import type { Recorder } from './recorder.ts';

const DATE = '2025-03-17';
const PART_BYTES = 8 * 1_024 ** 2;
/** Of a file's announcement: sent by S3, received and deleted by Lambda. */
export const SQS_REQUESTS_PER_FILE = 3;
/** As in cdk.json: another tax gives other messages only where rows break its rule. */
const PARSE_SETTINGS = {
  basisPoints: parseBasisPoints('20'),
  maxMessageBytes: 1_048_576,
  unknownColumns: 'ignore',
} as const;

/** What a measurement works with. */
export interface RunParts {
  readonly dir: string;
  readonly cloud: LocalCloud;
  readonly client: CloudClient;
  readonly database: pg.Client;
  readonly recorder: Recorder;
  readonly logs: FunctionLogs;
}

/** Uses the pipeline of a local cloud, and counts what that takes. */
export class PipelineRun {
  #parts: RunParts;
  #files = 0;
  /** All that was read of each function's log. */
  #logged = new Map<FunctionName, LoggedWork[]>();

  constructor(parts: RunParts) {
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
      sqsRequests += requestsOfMessages(lengths) + SQS_REQUESTS_PER_FILE;
      await rm(file);
    }
    const calls = recorder.take();
    if (calls.messages !== messages) {
      throw new Error(`the consumer got ${calls.messages} messages, and the files have ${messages}`);
    }
    const parse = await this.#take('parse', calls.deliveries.parse);
    const load = await this.#take('load', calls.deliveries.load);
    const after = await this.databaseState();
    return {
      uploadedBytes,
      s3Writes: s3Writes + calls.s3Writes,
      s3Reads: calls.s3Reads,
      sqsRequests,
      messages,
      parse: parse.work,
      load: load.work,
      dataApiCalls: calls.dataApiCalls,
      dataApiRequests: calls.dataApiRequests,
      databaseBytes: after.bytes - before.bytes,
      walBytes: after.walBytes - before.walBytes,
      logBytes: parse.logBytes + load.logBytes,
    };
  }

  /** Calls a function as its schedule does; its start is not part of what it used. */
  async invoke(name: 'sweep' | 'verify'): Promise<ScheduledUsage> {
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
      revision: this.#parts.cloud.running.outputs[STACK_OUTPUTS.pipeline.parserRevision]!,
      receivedAt: new Date().toISOString(),
    };
    const lengths: number[] = [];
    await parseUpload(upload, { chunks: createReadStream(file) }, PARSE_SETTINGS, async (batch) => {
      lengths.push(encodeBatch(batch).length);
    });
    return lengths;
  }
}
