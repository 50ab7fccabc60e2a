import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CloudClient } from '../../cli/cloud-client.ts';
import { localAccess } from '../../cli/local-access.ts';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import type { CloudModel } from '../../local/assembly/cloud-model.ts';
import { readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { removeEventSources } from '../assembly.ts';
import { CloudProcess } from '../cloud-process.ts';
import type { BenchContext } from './context.ts';
import { buildFileName, loadFile, writeSample } from './files.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import { round } from './numbers.ts';

const MIB = 1_024 ** 2;
const FIRST_SEED = 20_000;
/** Short, because a long poll that is aborted may still take messages out of the queue. */
const LONG_POLL_SECONDS = 1;

/**
 * Measures the memory of the parser and the loader for files of several sizes. Each function runs from its bundle in
 * its own process, which is new for each file. The local cloud runs in another process and calls no function for
 * messages.
 */
export async function measureMemory(context: BenchContext, sizes: readonly number[]) {
  const [assemblyDir, dataDir] = [join(context.dir, 'assembly'), join(context.dir, 'data')];
  await cp(context.assemblyDir, assemblyDir, { recursive: true });
  await removeEventSources(assemblyDir);
  await using cloud = await CloudProcess.start({ dataDir, assemblyDir });
  const { endpoint } = cloud.running;
  const access = localAccess(cloud.running);
  const model = await readCloudModel(context.assemblyDir, endpoint, LOCAL_PROJECT.leftOutStacks);
  using disposables = new DisposableStack();
  const client = disposables.adopt(new CloudClient(access), (open) => open.close());
  const sqs = disposables.adopt(new SQSClient(access.connection), (open) => open.destroy());
  const measured: (Awaited<ReturnType<typeof readMemory>> & { readonly rows: number })[] = [];
  for (const [index, rows] of sizes.entries()) {
    const file = join(context.dir, buildFileName(`memory_${index}`));
    await writeSample(file, rows, FIRST_SEED + index);
    await withFunctions(model, endpoint, sqs, async (functions) => {
      const seconds = await loadFile(client, file, rows);
      context.note(`memory: ${rows.toLocaleString('en-US')} rows in ${seconds.toFixed(1)} s`);
      for (const fn of functions) measured.push({ rows, ...(await readMemory(fn)) });
    });
    await rm(file);
  }
  const functions = [...Map.groupBy(measured, ({ name }) => name)].map(([name, all]) => {
    const peaks = all.map(({ peakResidentMiB }) => peakResidentMiB);
    return {
      name,
      /** Memory size of the Lambda function. */
      memoryMiB: all[0]!.memoryMiB,
      runs: all.map(({ rows, peakResidentMiB, heapAfterMiB }) => ({ rows, peakResidentMiB, heapAfterMiB })),
      /** Ratio of the largest peak to the smallest. */
      peakRatio: round(Math.max(...peaks) / Math.min(...peaks), 1_000),
    };
  });
  return { ...context.measured, functions };
}

async function readMemory(fn: FunctionProcess) {
  const { peakResidentBytes, heapAfterBytes } = await fn.readMemory();
  return {
    name: fn.model.environment.POWERTOOLS_SERVICE_NAME!,
    memoryMiB: fn.model.memoryMiB,
    peakResidentMiB: round(peakResidentBytes / MIB, 10),
    /** Memory in use after the last row and a garbage collection. */
    heapAfterMiB: round(heapAfterBytes / MIB, 10),
  };
}

/** Starts each function that reads a queue in its own process, and calls it for messages while `work` runs. */
async function withFunctions(
  { functions, eventSources, queues }: CloudModel,
  endpoint: string,
  sqs: SQSClient,
  work: (functions: readonly FunctionProcess[]) => Promise<void>,
): Promise<void> {
  await using disposables = new AsyncDisposableStack();
  const stop = new AbortController();
  const processes: FunctionProcess[] = [];
  const loops: Promise<void>[] = [];
  for (const { functionName, queueArn, batchSize } of eventSources) {
    const model = functions.find(({ name }) => name === functionName)!;
    const fn = disposables.use(await startFunction(model, endpoint));
    const queueUrl = queues.find(({ arn }) => arn === queueArn)!.url;
    processes.push(fn);
    loops.push(pollQueue(sqs, queueUrl, batchSize, fn, stop.signal));
  }
  const polling = Promise.all(loops);
  await Promise.race([work(processes), polling]).finally(() => stop.abort());
  await polling;
}

/** Calls a function for the messages of a queue, one batch at a time. @throws {Error} if a message fails */
async function pollQueue(
  sqs: SQSClient,
  QueueUrl: string,
  batchSize: number,
  fn: FunctionProcess,
  stop: AbortSignal,
): Promise<void> {
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: Math.min(10, batchSize),
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  while (!stop.aborted) {
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) continue;
    const answer = (await fn.invoke({ Records: Messages.map(toRecord) })) as {
      readonly batchItemFailures: readonly unknown[];
    };
    if (answer.batchItemFailures.length > 0) throw new Error(`${fn.model.name} failed: see its log`);
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
}

/** Builds the record that Lambda passes to a function (Lambda developer guide, "Using Lambda with Amazon SQS"). */
function toRecord({ MessageId, ReceiptHandle, Body, Attributes }: Message): object {
  return {
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: Attributes,
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
}
