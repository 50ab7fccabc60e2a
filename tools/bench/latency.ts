import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchCloud, startCloud } from './cloud.ts';
import type { BenchContext } from './context.ts';
import { type CopyTime, copyFile, createCopyTable } from './copy.ts';
import { buildFileName, buildKey, writeSample } from './files.ts';
import { percentile, round } from './numbers.ts';

/** Rows of one day of the shop for which the pipeline was made. */
const ROWS = 54;
const WARM_UP_FILES = 10;
const FIRST_SEED = 1_000;
/** Interval at which the ledger is read. The measured time is too long by at most this. */
const POLL_MILLISECONDS = 1;
const TIMEOUT_MILLISECONDS = 30_000;

/** Measures the time to load small files, and COPY of each file just before. */
export async function measureLatency(context: BenchContext, files: number) {
  // The first file of a cloud meets two cold starts.
  await using cloud = await startCloud(join(context.dir, 'data'), context.assemblyDir);
  await createCopyTable(cloud.database);
  const loads: Awaited<ReturnType<typeof timeLoad>>[] = [];
  const copies: CopyTime[] = [];
  for (let index = 0; index < WARM_UP_FILES + files; index++) {
    const file = join(context.dir, buildFileName(index));
    await writeSample(file, ROWS, FIRST_SEED + index);
    copies.push(await copyFile(cloud.adminUrl, Readable.from([await readFile(file)])));
    loads.push(await timeLoad(cloud, file));
  }
  const summarize = <Time>(times: readonly Time[], value: (time: Time) => number) => {
    const milliseconds = times.slice(WARM_UP_FILES).map(value);
    return {
      p50Milliseconds: round(percentile(milliseconds, 0.5), 10),
      p95Milliseconds: round(percentile(milliseconds, 0.95), 10),
    };
  };
  const pipeline = summarize(loads, ({ complete }) => complete);
  const copyWithConnection = summarize(copies, ({ withConnection }) => withConnection);
  return {
    ...context.measured,
    rows: ROWS,
    files,
    /** From the first byte sent to S3 until a reader sees the complete upload. */
    pipeline,
    /** The part of it until S3 answers. */
    put: summarize(loads, ({ put }) => put),
    /** First file after the start of the cloud, for which both functions start. */
    firstFileMilliseconds: round(loads[0]!.complete, 10),
    copyWithConnection,
    copyAlone: summarize(copies, ({ alone }) => alone),
    p50RatioToCopy: round(pipeline.p50Milliseconds / copyWithConnection.p50Milliseconds, 100),
    p95RatioToCopy: round(pipeline.p95Milliseconds / copyWithConnection.p95Milliseconds, 100),
  };
}

/**
 * Uploads a file as the command line does, and waits until its upload is complete.
 * @returns milliseconds until S3 answers, and until a reader of the ledger sees the complete upload
 */
async function timeLoad({ client, database }: BenchCloud, file: string) {
  const started = performance.now();
  const { uploadId } = await client.putFile(file, buildKey(basename(file)), () => undefined);
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
      throw new Error(`${basename(file)} is ${status ?? 'not in the ledger'} after ${complete} ms`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}
