import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { buildUploadKey } from '../../lambdas/core/upload-key.ts';
import type { BenchContext } from './context.ts';
import { type CopyTime, copyFile, createCopyTable } from './copy.ts';
import { percentile, round } from './numbers.ts';
import type { Latency, Percentiles } from './results.ts';
import { buildFileName, writeSample } from './sample.ts';

/** Rows of one day of the shop for which the pipeline was made. */
const ROWS = 54;
const WARM_UP_FILES = 10;
const FIRST_SEED = 1_000;
/** Interval at which the ledger is read. The measured time is too long by at most this. */
const POLL_MILLISECONDS = 1;
const TIMEOUT_MILLISECONDS = 30_000;

interface LoadTime {
  /** Milliseconds until S3 answers. */
  readonly put: number;
  /** Milliseconds until a reader of the ledger sees the complete upload. */
  readonly complete: number;
}

/** Measures the time to load small files, and COPY of each file just before. */
export async function measureLatency(context: BenchContext, files: number): Promise<Latency> {
  // The first file of a cloud meets two cold starts.
  await context.stopCloud();
  const cloud = await context.cloud();
  const adminUrl = await cloud.readAdminUrl();
  await using disposables = new AsyncDisposableStack();
  const client = disposables.adopt(new CloudClient(localAccess(cloud.running)), (open) => open.close());
  const database = disposables.adopt(new pg.Client({ connectionString: adminUrl }), (open) => open.end());
  await database.connect();
  await createCopyTable(adminUrl);
  const loads: LoadTime[] = [];
  const copies: CopyTime[] = [];
  for (let index = 0; index < WARM_UP_FILES + files; index++) {
    const fileName = buildFileName(index);
    const file = join(context.dir, fileName);
    await writeSample(file, ROWS, FIRST_SEED + index);
    copies.push(await copyFile(adminUrl, Readable.from([await readFile(file)])));
    loads.push(await timeLoad(client, database, file, fileName));
    await rm(file);
  }
  const summarize = <Time>(times: readonly Time[], value: (time: Time) => number): Percentiles => {
    const milliseconds = times.slice(WARM_UP_FILES).map(value);
    return {
      p50Milliseconds: round(percentile(milliseconds, 0.5), 10),
      p95Milliseconds: round(percentile(milliseconds, 0.95), 10),
    };
  };
  const pipeline = summarize(loads, ({ complete }) => complete);
  const copyWithConnection = summarize(copies, ({ withConnection }) => withConnection);
  return {
    ...context.measured(),
    rows: ROWS,
    files,
    pipeline,
    put: summarize(loads, ({ put }) => put),
    firstFileMilliseconds: round(loads[0]!.complete, 10),
    copyWithConnection,
    copyAlone: summarize(copies, ({ alone }) => alone),
    p50RatioToCopy: round(pipeline.p50Milliseconds / copyWithConnection.p50Milliseconds, 100),
    p95RatioToCopy: round(pipeline.p95Milliseconds / copyWithConnection.p95Milliseconds, 100),
  };
}

/** Uploads a file as the command line does, and waits until its upload is complete. */
async function timeLoad(
  client: CloudClient,
  database: pg.Client,
  file: string,
  fileName: string,
): Promise<LoadTime> {
  const started = performance.now();
  const key = buildUploadKey({ storeId: 'main', fileName });
  const { uploadId } = await client.putFile(file, key, () => undefined);
  const put = performance.now() - started;
  for (;;) {
    const { rows } = await database.query<{ status: string }>({
      name: 'status',
      text: 'SELECT status FROM ledger.uploads WHERE upload_id = $1',
      values: [uploadId],
    });
    const complete = performance.now() - started;
    const status = rows[0]?.status;
    if (status === 'complete') return { put, complete };
    if (status === 'failed' || complete > TIMEOUT_MILLISECONDS) {
      throw new Error(`${fileName} is ${status ?? 'not in the ledger'} after ${complete} ms`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}
