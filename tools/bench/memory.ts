import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { LOCAL_PROJECT } from '../../cli/local-project.ts';
import { type CloudModel, readCloudModel } from '../../local/assembly/read-cloud-model.ts';
import { removeEventSources } from '../assembly.ts';
import { type BenchCloud, startCloud } from './cloud.ts';
import type { BenchContext } from './context.ts';
import { buildFileName, buildKey, finishLoad, writeSample } from './files.ts';
import { type FunctionProcess, startFunction } from './function-process.ts';
import { round } from './numbers.ts';

const MIB = 1_024 ** 2;
const FIRST_SEED = 20_000;
/** Time without a message after which a queue counts as empty. */
const LONG_POLL_SECONDS = 2;

/**
 * Measures the memory of the parser and the loader for files of several sizes. Each function runs from its bundle in
 * its own process, which is new for each file, one after the other. The local cloud runs in another process and calls
 * no function for messages.
 */
export async function measureMemory(context: BenchContext, sizes: readonly number[]) {
  const assemblyDir = join(context.dir, 'assembly');
  await cp(context.assemblyDir, assemblyDir, { recursive: true });
  await removeEventSources(assemblyDir);
  await using cloud = await startCloud(join(context.dir, 'data'), assemblyDir);
  const { client, running } = cloud;
  const model = await readCloudModel(context.assemblyDir, running.endpoint, LOCAL_PROJECT.leftOutStacks);
  const measured: (Awaited<ReturnType<typeof runFunction>> & { readonly rows: number })[] = [];
  for (const [index, rows] of sizes.entries()) {
    const file = join(context.dir, buildFileName(`memory_${index}`));
    await writeSample(file, rows, FIRST_SEED + index);
    const upload = await client.putFile(file, buildKey(basename(file)), () => undefined);
    await rm(file);
    for (const name of ['parse', 'load']) measured.push({ rows, ...(await runFunction(cloud, model, name)) });
    await finishLoad(client, upload, rows);
    context.note(`memory: ${rows.toLocaleString('en-US')} rows loaded`);
  }
  const functions = [...Map.groupBy(measured, ({ name }) => name)].map(([name, all]) => {
    const peaks = all.map(({ peakResidentMiB }) => peakResidentMiB);
    return {
      name,
      memoryMiB: all[0]!.memoryMiB,
      runs: all.map(({ rows, peakResidentMiB, heapAfterMiB }) => ({ rows, peakResidentMiB, heapAfterMiB })),
      peakRatio: round(Math.max(...peaks) / Math.min(...peaks), 1_000),
    };
  });
  return { ...context.measured, functions };
}

/** Starts a function in its own process, calls it for all messages of its queue, and reads its memory. */
async function runFunction({ client, running, keys }: BenchCloud, model: CloudModel, name: string) {
  const variable = LOCAL_PROJECT.functionNameVariable;
  const fn = model.functions.find(({ environment }) => environment[variable] === name)!;
  const { queueArn, batchSize } = model.eventSources.find(({ functionName }) => functionName === fn.name)!;
  const queueUrl = model.queues.find(({ arn }) => arn === queueArn)!.url;
  await using started = await startFunction(fn, running.endpoint, keys.secretOf(fn.name));
  await drainQueue(client.sqs, queueUrl, batchSize, started);
  const { peakResidentBytes, heapAfterBytes } = await started.readMemory();
  return {
    name,
    memoryMiB: fn.memoryMiB,
    peakResidentMiB: round(peakResidentBytes / MIB, 10),
    /** Memory in use after the last row and a garbage collection. */
    heapAfterMiB: round(heapAfterBytes / MIB, 10),
  };
}

/** Calls a function for the messages of a queue, one batch at a time. @throws {Error} if a message fails */
async function drainQueue(
  sqs: BenchCloud['client']['sqs'],
  QueueUrl: string,
  batchSize: number,
  fn: FunctionProcess,
): Promise<void> {
  const receive = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: Math.min(10, batchSize),
    WaitTimeSeconds: LONG_POLL_SECONDS,
    MessageSystemAttributeNames: ['All'],
  });
  for (;;) {
    const { Messages = [] } = await sqs.send(receive);
    if (Messages.length === 0) return;
    const answer = (await fn.invoke({ Records: Messages.map(toRecord) })) as {
      readonly batchItemFailures: readonly unknown[];
    };
    if (answer.batchItemFailures.length > 0) throw new Error(`${fn.name} failed: see its log`);
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
