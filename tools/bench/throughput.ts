import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import pg from 'pg';
import type { CloudClient } from '../../cli/cloud-client.ts';
import { startCloud } from './cloud.ts';
import type { BenchContext } from './context.ts';
import { copyFile, createCopyTable } from './copy.ts';
import { buildFileName, loadFile, writeSample } from './files.ts';
import { median, round } from './numbers.ts';
import { parseMessages } from './requests.ts';

const MIN_COPY_RUNS = 3;
const READ_BYTES = 1_048_576;

/**
 * Measures rows per second of the pipeline and of its parts, next to PostgreSQL's own COPY of the same file.
 * @param runs number of pipeline runs, each into an empty table; the result is their median
 */
export async function measureThroughput(context: BenchContext, rows: number, runs: number) {
  await using cloud = await startCloud(join(context.dir, 'data'), context.assemblyDir);
  const { client, database, adminUrl } = cloud;
  const emptyTables = () => database.query('TRUNCATE public.transactions, ledger.uploads CASCADE');
  const file = join(context.dir, buildFileName('throughput'));
  await writeSample(file, rows, 1);
  const copyRuns: number[] = [];
  const pipelineRuns: number[] = [];
  for (let run = 0; run < Math.max(runs, MIN_COPY_RUNS); run++) {
    await createCopyTable(database);
    const { alone } = await copyFile(adminUrl, createReadStream(file, { highWaterMark: READ_BYTES }));
    await database.query('DROP TABLE public.copy_reference');
    copyRuns.push(alone / 1_000);
    context.note(`COPY: ${copyRuns.at(-1)!.toFixed(2)} s`);
    if (run >= runs) continue;
    await emptyTables();
    pipelineRuns.push(await loadFile(client, file, rows));
    context.note(`pipeline: ${pipelineRuns.at(-1)!.toFixed(2)} s`);
  }
  const cloudPeakMiB = await readPeakMemoryMiB(cloud.running.pid);
  const messages: string[] = [];
  const parseSeconds = await time(async () => {
    for await (const message of parseMessages(createReadStream(file))) messages.push(message);
  });
  const queueSeconds = await time(() => passThroughQueue(client, messages));
  const loadSeconds: number[] = [];
  for (const connections of [1, 2]) {
    await emptyTables();
    loadSeconds.push(await timeLoad(adminUrl, messages, connections));
  }

  // The reference is the best run of COPY.
  const reference = Math.min(...copyRuns);
  const pipelineSeconds = median(pipelineRuns);
  const measure = (what: string, seconds: number) => ({
    what,
    seconds: round(seconds, 100),
    rowsPerSecond: Math.round(rows / seconds),
    ratioToCopy: round(reference / seconds, 1_000),
  });
  return {
    ...context.measured,
    rows,
    ratioToCopy: round(reference / pipelineSeconds, 1_000),
    /** The first is the reference. */
    measurements: [
      measure('COPY (reference)', reference),
      measure('pipeline, from object in the bucket to upload complete', pipelineSeconds),
      measure('parse and validate, alone', parseSeconds),
      measure('queue, alone', queueSeconds),
      measure('load, alone, 1 connection', loadSeconds[0]!),
      measure('load, alone, 2 connections', loadSeconds[1]!),
    ],
    copyRunsSeconds: copyRuns.map((seconds) => round(seconds, 100)),
    pipelineRunsSeconds: pipelineRuns.map((seconds) => round(seconds, 100)),
    messages: messages.length,
    maxMessageBytes: Math.max(...messages.map(({ length }) => length)),
    /** That of the cloud is undefined unless the system is Linux. */
    peakMemoryMiB: { cloud: cloudPeakMiB, bench: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
}

/** Sends, receives and deletes the messages one after the other, on a queue that no function polls. */
async function passThroughQueue({ sqs, access }: CloudClient, messages: readonly string[]): Promise<void> {
  const QueueUrl = access.outputs.rowDeadLetterQueueUrl;
  for (const MessageBody of messages) {
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]!.ReceiptHandle }));
  }
}

/** Loads the messages directly into PostgreSQL, over a number of connections. @returns seconds */
async function timeLoad(adminUrl: string, messages: readonly string[], connections: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: adminUrl, max: connections });
  const load = (message: string) => pool.query('SELECT ledger.load_batch(CAST($1 AS json))', [message]);
  const seconds = await time(() => Promise.all(messages.map(load)));
  await pool.end();
  return seconds;
}

/** Largest resident set of a process so far. @returns undefined unless the system is Linux (proc(5), VmHWM) */
async function readPeakMemoryMiB(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Math.round(Number(kibibytes) / 1_024);
}

/** @returns seconds */
async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
