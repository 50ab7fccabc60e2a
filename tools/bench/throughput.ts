import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import pg from 'pg';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import type { RunningCloud } from '../../local/data-directory.ts';
import { CloudProcess } from '../cloud-process.ts';
import type { BenchContext } from './context.ts';
import { copyFile, createCopyTable, query } from './copy.ts';
import { buildFileName, loadFile, parseMessages, writeSample } from './files.ts';
import { median, round } from './numbers.ts';

const MIN_COPY_RUNS = 3;
const READ_BYTES = 1_048_576;

/**
 * Measures rows per second of the pipeline and of its parts, next to PostgreSQL's own COPY of the same file.
 * @param runs number of pipeline runs, each into an empty table; the result is their median
 */
export async function measureThroughput(context: BenchContext, rows: number, runs: number) {
  const dataDir = join(context.dir, 'data');
  await using cloud = await CloudProcess.start({ dataDir, assemblyDir: context.assemblyDir });
  const adminUrl = await cloud.readAdminUrl();
  const file = join(context.dir, buildFileName('throughput'));
  await writeSample(file, rows, 1);
  const copyRuns: number[] = [];
  const pipelineRuns: number[] = [];
  for (let run = 0; run < Math.max(runs, MIN_COPY_RUNS); run++) {
    await createCopyTable(adminUrl);
    const { alone } = await copyFile(adminUrl, createReadStream(file, { highWaterMark: READ_BYTES }));
    await query(adminUrl, 'DROP TABLE public.copy_reference');
    copyRuns.push(alone / 1_000);
    context.note(`COPY: ${copyRuns.at(-1)!.toFixed(2)} s`);
    if (run >= runs) continue;
    await emptyTables(adminUrl);
    pipelineRuns.push(await timePipeline(cloud.running, file, rows));
    context.note(`pipeline: ${pipelineRuns.at(-1)!.toFixed(2)} s`);
  }
  const cloudPeakMiB = await cloud.readPeakMemoryMiB();
  const messages: string[] = [];
  const parseSeconds = await time(async () => {
    for await (const message of parseMessages(createReadStream(file))) messages.push(message);
  });
  const queueSeconds = await timeQueue(cloud.running, messages);
  const loadSeconds = await timeLoad(adminUrl, messages, 1);
  const loadTwiceSeconds = await timeLoad(adminUrl, messages, 2);

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
      measure('load, alone, 1 connection', loadSeconds),
      measure('load, alone, 2 connections', loadTwiceSeconds),
    ],
    copyRunsSeconds: copyRuns.map((seconds) => round(seconds, 100)),
    pipelineRunsSeconds: pipelineRuns.map((seconds) => round(seconds, 100)),
    messages: messages.length,
    maxMessageBytes: Math.max(...messages.map(({ length }) => length)),
    /** That of the cloud is undefined unless the system is Linux. */
    peakMemoryMiB: { cloud: cloudPeakMiB, bench: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
}

async function timePipeline(running: RunningCloud, file: string, rows: number): Promise<number> {
  const client = new CloudClient(localAccess(running));
  return loadFile(client, file, rows).finally(() => client.close());
}

/** Sends, receives and deletes the messages one after the other, on a queue that no function polls. */
async function timeQueue(running: RunningCloud, messages: readonly string[]): Promise<number> {
  const { connection, outputs } = localAccess(running);
  const QueueUrl = outputs.rowDeadLetterQueueUrl;
  const client = new SQSClient(connection);
  const seconds = await time(async () => {
    for (const MessageBody of messages) {
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]!.ReceiptHandle }));
    }
  });
  client.destroy();
  return seconds;
}

/** Loads the messages directly into PostgreSQL, over a number of connections. */
async function timeLoad(adminUrl: string, messages: readonly string[], connections: number): Promise<number> {
  await emptyTables(adminUrl);
  const pool = new pg.Pool({ connectionString: adminUrl, max: connections });
  const waiting = [...messages].reverse();
  const load = async () => {
    for (let message = waiting.pop(); message !== undefined; message = waiting.pop()) {
      await pool.query('SELECT ledger.load_batch(CAST($1 AS json))', [message]);
    }
  };
  const seconds = await time(() => Promise.all(Array.from({ length: connections }, load)));
  await pool.end();
  return seconds;
}

function emptyTables(adminUrl: string): Promise<void> {
  return query(adminUrl, 'TRUNCATE public.transactions, ledger.uploads CASCADE');
}

/** @returns seconds */
async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
