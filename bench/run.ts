#!/usr/bin/env node
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import pg from 'pg';
import { CloudClient } from '../cli/cloud-client.ts';
import { waitForUploads } from '../cli/load-files.ts';
import { localAccess } from '../cli/local-access.ts';
import { formatTable } from '../cli/output/table.ts';
import { buildUploadKey } from '../lambdas/contract/upload-key.ts';
import { generateCsv } from '../samples/generator.ts';
import { startCloudProcess } from './cloud-process.ts';
import { timeCopy } from './copy-reference.ts';
import { timeLoad, timeParse } from './parts.ts';
import { timeQueue } from './queue-part.ts';

const DATE = '2025-03-17';
const FILE_NAME = 'retail_17_03_2025.csv';
const COPY_RUNS = 3;

interface Measurement {
  readonly what: string;
  readonly seconds: number;
  readonly rowsPerSecond: number;
  readonly ratioToCopy: number;
}

const command = new Command('bench')
  .description('measure the pipeline against PostgreSQL’s COPY, in one run on one server')
  .option('--rows <n>', 'rows of the file', parseRows, 1_000_000)
  .option('--json', 'print one JSON document', false)
  .parse();
const { rows, json } = command.opts<{ rows: number; json: boolean }>();
const note = (text: string) => process.stderr.write(`${text}\n`);

const dir = await mkdtemp(join(tmpdir(), 'retail-bench-'));
const cloud = await startCloudProcess(join(dir, 'data'));
try {
  const file = join(dir, FILE_NAME);
  await writeSample(file);
  note(`${rows.toLocaleString('en-US')} rows on ${availableParallelism()} processors`);
  const copySeconds: number[] = [];
  const copy = async () => {
    copySeconds.push(await timeCopy(cloud.adminUrl, file, DATE));
    note(`COPY: ${copySeconds.at(-1)!.toFixed(2)} s`);
  };
  await copy();
  const pipelineSeconds = await timePipeline(file);
  note(`pipeline: ${pipelineSeconds.toFixed(2)} s`);
  const memory = { cloudPeakMiB: await cloud.peakMemoryMiB() };
  const { seconds: parseSeconds, messages } = await timeParse(
    file,
    buildUploadKey({ storeId: 'main', fileName: FILE_NAME }),
  );
  const queueSeconds = await timeQueue(dir, messages);
  await truncate();
  const loadSeconds = await timeLoad(cloud.adminUrl, messages, 1);
  await truncate();
  const loadTwiceSeconds = await timeLoad(cloud.adminUrl, messages, 2);
  for (let run = 1; run < COPY_RUNS; run++) await copy();

  // The reference is its best run.
  const reference = Math.min(...copySeconds);
  const measure = (what: string, seconds: number): Measurement => ({
    what,
    seconds: round(seconds, 100),
    rowsPerSecond: Math.round(rows / seconds),
    ratioToCopy: round(reference / seconds, 1_000),
  });
  const measurements = [
    measure('COPY (reference)', reference),
    measure('pipeline, object in the bucket to upload complete', pipelineSeconds),
    measure('parse and validate, alone', parseSeconds),
    measure('queue, alone', queueSeconds),
    measure('load, alone, 1 connection', loadSeconds),
    measure('load, alone, 2 connections', loadTwiceSeconds),
  ];
  report(measurements, copySeconds, memory, messages);
} finally {
  await cloud.stop();
  await rm(dir, { recursive: true, force: true });
}

function report(
  measurements: readonly Measurement[],
  copySeconds: readonly number[],
  memory: { cloudPeakMiB: number | undefined },
  messages: readonly string[],
): void {
  const pipeline = measurements[1]!;
  const result = {
    rows,
    processors: availableParallelism(),
    ratioToCopy: pipeline.ratioToCopy,
    measurements,
    copyRunsSeconds: copySeconds.map((seconds) => round(seconds, 100)),
    messages: messages.length,
    largestMessageBytes: Math.max(...messages.map(({ length }) => length)),
    peakMemoryMiB: { cloud: memory.cloudPeakMiB, bench: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const table = formatTable(measurements, [
    { title: 'what', value: ({ what }) => what },
    { title: 'seconds', value: ({ seconds }) => seconds },
    { title: 'rows/s', value: ({ rowsPerSecond }) => rowsPerSecond },
    { title: 'ratio to COPY', value: ({ ratioToCopy }) => ratioToCopy },
  ]);
  process.stdout.write(
    `${table}\n\n${result.messages} messages, the largest of ${result.largestMessageBytes} bytes\n`,
  );
  const { cloud: cloudPeak, bench } = result.peakMemoryMiB;
  process.stdout.write(
    `peak memory: ${cloudPeak ?? 'unknown'} MiB for the local cloud with its functions, ${bench} MiB for this benchmark\n`,
  );
}

/** @returns seconds from the moment at which the object is in the bucket until its upload is complete */
async function timePipeline(file: string): Promise<number> {
  const client = new CloudClient(localAccess(cloud.running));
  try {
    const upload = await client.putFile(
      file,
      buildUploadKey({ storeId: 'main', fileName: FILE_NAME }),
      () => undefined,
    );
    const [entry] = await waitForUploads(client, [upload]);
    if (entry?.status !== 'complete' || entry.rowsInserted !== rows) {
      throw new Error(`the pipeline did not load the file: ${JSON.stringify(entry)}`);
    }
    return (Date.parse(entry.completedAt!) - Date.parse(entry.receivedAt)) / 1_000;
  } finally {
    client.close();
  }
}

async function truncate(): Promise<void> {
  const client = new pg.Client({ connectionString: cloud.adminUrl });
  await client.connect();
  await client.query('TRUNCATE public.transactions, ledger.uploads CASCADE');
  await client.end();
}

async function writeSample(file: string): Promise<void> {
  const target = createWriteStream(file);
  for (const piece of generateCsv({ rows, seed: 1, date: DATE, days: 1, broken: 0 })) {
    if (!target.write(piece)) await once(target, 'drain');
  }
  await finished(target.end());
}

function round(value: number, precision: number): number {
  return Math.round(value * precision) / precision;
}

function parseRows(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}
