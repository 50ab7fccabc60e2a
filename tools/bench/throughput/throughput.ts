import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { round } from '../numbers.ts';
import type { Measurement, Throughput } from '../results.ts';
import { DATE, fileNameOf, writeSample } from '../sample.ts';
import type { Setting } from '../setting.ts';
import { timeCopy } from './copy-reference.ts';
import { timeLoad } from './load-alone.ts';
import { timeParse } from './parse-alone.ts';
import { timePipeline } from './pipeline.ts';
import { timeQueue } from './queue-alone.ts';

const COPY_RUNS = 3;

/** Rows a second of the pipeline and of its parts, beside PostgreSQL's own COPY of the same file. */
export async function measureThroughput(setting: Setting, rows: number): Promise<Throughput> {
  const { note } = setting;
  const cloud = await setting.cloud();
  const file = join(setting.dir, fileNameOf('throughput'));
  await writeSample(file, rows, 1);
  const copySeconds: number[] = [];
  const copy = async () => {
    copySeconds.push(await timeCopy(cloud.adminUrl, file, DATE));
    note(`COPY: ${copySeconds.at(-1)!.toFixed(2)} s`);
  };
  await copy();
  const pipelineSeconds = await timePipeline(cloud.running, file, rows);
  note(`pipeline: ${pipelineSeconds.toFixed(2)} s`);
  const cloudPeakMiB = await cloud.peakMemoryMiB();
  const { seconds: parseSeconds, messages } = await timeParse(file);
  const queueSeconds = await timeQueue(setting.dir, messages);
  const loadSeconds = await timeLoad(cloud.adminUrl, messages, 1);
  const loadTwiceSeconds = await timeLoad(cloud.adminUrl, messages, 2);
  for (let run = 1; run < COPY_RUNS; run++) await copy();
  await rm(file);

  // The reference is its best run.
  const reference = Math.min(...copySeconds);
  const measure = (what: string, seconds: number): Measurement => ({
    what,
    seconds: round(seconds, 100),
    rowsPerSecond: Math.round(rows / seconds),
    ratioToCopy: round(reference / seconds, 1_000),
  });
  return {
    ...setting.measured(),
    rows,
    ratioToCopy: round(reference / pipelineSeconds, 1_000),
    measurements: [
      measure('COPY (reference)', reference),
      measure('pipeline, object in the bucket to upload complete', pipelineSeconds),
      measure('parse and validate, alone', parseSeconds),
      measure('queue, alone', queueSeconds),
      measure('load, alone, 1 connection', loadSeconds),
      measure('load, alone, 2 connections', loadTwiceSeconds),
    ],
    copyRunsSeconds: copySeconds.map((seconds) => round(seconds, 100)),
    messages: messages.length,
    largestMessageBytes: Math.max(...messages.map(({ length }) => length)),
    peakMemoryMiB: { cloud: cloudPeakMiB, bench: Math.round(process.resourceUsage().maxRSS / 1_024) },
  };
}
