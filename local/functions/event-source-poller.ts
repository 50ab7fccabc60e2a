import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceModel } from '../assembly/readers/function-readers.ts';
import { REGION } from '../assembly/template.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Caller } from '../iam/principals.ts';
import type { ReceivedMessage } from '../sqs/actions.ts';
import type { SqsService } from '../sqs/sqs-service.ts';
import { maxCopies } from './concurrency-limit.ts';
import type { FunctionHost } from './function-host.ts';

const LONG_POLL_SECONDS = 20;
/** Messages of one receive and entries of one batch (SQS developer guide, "Amazon SQS message quotas"). */
const MAX_ENTRIES = 10;
/** Lambda developer guide, "Lambda quotas": the event of a synchronous invocation, 6 MB. */
const MAX_EVENT_BYTES = 6 * 1024 ** 2;
/** Members of a record that the message does not have, generously. */
const RECORD_BYTES = 512;
const PAUSE_AFTER_ERROR_MILLISECONDS = 1_000;

interface PollerProps {
  readonly source: EventSourceModel;
  readonly queueUrl: string;
  readonly sqs: SqsService;
  readonly host: Pick<FunctionHost, 'invoke'>;
  /** The function's role, with which Lambda reads the queue. */
  readonly caller: Caller;
  readonly onError: (error: Error) => void;
  /** @default no injected faults */
  readonly faults?: FaultPlan | undefined;
}

/** An event source mapping: reads a queue, calls the function, and deletes the messages not reported as failed. */
export class EventSourcePoller {
  #props: PollerProps;
  /** Aborted when the mapping stops. */
  #run: AbortController | undefined;
  #deliveries = 0;
  /** Ends the batching windows that are open. */
  #windows = new AbortController();
  #openWindows = 0;

  constructor(props: PollerProps) {
    this.#props = props;
  }

  /** Starts the mapping, unless it runs. */
  start(): void {
    if (this.#run !== undefined) return;
    this.#run = new AbortController();
    const { signal } = this.#run;
    const concurrency = Math.min(this.#props.source.maxConcurrency, maxCopies());
    for (let loop = 0; loop < concurrency; loop++) void this.#poll(signal);
  }

  /** Takes no more messages; invocations in progress continue. */
  stop(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.endWindows();
  }

  /** True while messages wait for others of their batch. */
  get isGathering(): boolean {
    return this.#openWindows > 0;
  }

  /** Delivers the messages that wait for others of their batch now. */
  endWindows(): void {
    this.#windows.abort();
    this.#windows = new AbortController();
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        // Lambda checks that the queue's visibility timeout is long enough for the function.
        await this.#call('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] });
        for (const batch of splitByBytes(await this.#gather(signal))) {
          const work = signal.aborted ? this.#makeVisible(batch) : this.#deliver(batch);
          await work.catch((error: Error) => this.#report(error, signal));
        }
      } catch (error) {
        await this.#report(error as Error, signal);
      }
    }
  }

  async #report(error: Error, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.#props.onError(error);
    await sleep(PAUSE_AFTER_ERROR_MILLISECONDS);
  }

  /**
   * Receives messages until the batch is full or its window, which begins with the first message, has ended (Lambda
   * developer guide, "Batching behavior").
   * @param signal ends the long poll, so that a mapping that was stopped takes no message
   */
  async #gather(signal: AbortSignal): Promise<ReceivedMessage[]> {
    const { batchSize, windowSeconds } = this.#props.source;
    const messages = await this.#receive(batchSize, signal);
    if (windowSeconds === 0 || messages.length === 0) return messages;
    const end = AbortSignal.any([AbortSignal.timeout(windowSeconds * 1_000), this.#windows.signal]);
    this.#openWindows++;
    try {
      let bytes = measure(messages);
      while (messages.length < batchSize && bytes < MAX_EVENT_BYTES && !end.aborted) {
        const more = await this.#receive(batchSize - messages.length, end);
        messages.push(...more);
        bytes += measure(more);
      }
      return messages;
    } finally {
      this.#openWindows--;
    }
  }

  async #receive(maxMessages: number, signal: AbortSignal): Promise<ReceivedMessage[]> {
    const parameters = {
      MaxNumberOfMessages: Math.min(MAX_ENTRIES, maxMessages),
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    };
    const answer = await this.#call('ReceiveMessage', parameters, signal);
    return (answer as { Messages?: ReceivedMessage[] }).Messages ?? [];
  }

  async #deliver(messages: readonly ReceivedMessage[]): Promise<void> {
    const { host, source } = this.#props;
    const Records = messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes,
      messageAttributes: message.MessageAttributes ?? {},
      md5OfBody: message.MD5OfBody,
      eventSource: 'aws:sqs',
      eventSourceARN: source.queueArn,
      awsRegion: REGION,
    }));
    const fault = this.#props.faults?.onDelivery?.({
      functionName: source.functionName,
      messageIds: messages.map(({ MessageId }) => MessageId),
      number: ++this.#deliveries,
    });
    if (fault?.kind === 'visible') await this.#makeVisible(messages);
    const timeoutSeconds = fault?.kind === 'time-limit' ? fault.seconds : undefined;
    const failed = failedIds(await host.invoke({ Records }, timeoutSeconds), messages);
    if (fault?.kind === 'undeleted') return this.#makeVisible(messages);
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
    await this.#callInBatches('DeleteMessageBatch', done, {});
  }

  async #makeVisible(messages: readonly ReceivedMessage[]): Promise<void> {
    await this.#callInBatches('ChangeMessageVisibilityBatch', messages, { VisibilityTimeout: 0 });
  }

  async #callInBatches(action: string, messages: readonly ReceivedMessage[], parameters: object) {
    for (let start = 0; start < messages.length; start += MAX_ENTRIES) {
      const Entries = messages.slice(start, start + MAX_ENTRIES).map(({ ReceiptHandle }, index) => {
        return { Id: String(index), ReceiptHandle, ...parameters };
      });
      await this.#call(action, { Entries });
    }
  }

  #call(action: string, body: object, signal?: AbortSignal): Promise<unknown> {
    const { sqs, caller, queueUrl } = this.#props;
    return sqs.call(caller, action, { QueueUrl: queueUrl, ...body }, signal);
  }
}

/** Size of messages in an event: nearly all of it is the body, as a string in JSON. */
function measure(messages: readonly ReceivedMessage[]): number {
  return messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
}

/** Splits messages into batches that fit into an event. A message that does not fit has its own batch. */
function splitByBytes(messages: readonly ReceivedMessage[]): ReceivedMessage[][] {
  const batches: ReceivedMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = measure([message]) + RECORD_BYTES;
    if (bytes > room) {
      batches.push([]);
      room = MAX_EVENT_BYTES;
    }
    batches.at(-1)!.push(message);
    room -= bytes;
  }
  return batches;
}

/**
 * Reads which messages failed (Lambda developer guide, "Implementing partial batch responses"): an invalid answer
 * means all of them, an empty one means none.
 */
function failedIds(response: unknown, messages: readonly ReceivedMessage[]): ReadonlySet<string> {
  const all = new Set(messages.map(({ MessageId }) => MessageId));
  if (response === null || response === undefined) return new Set();
  const { batchItemFailures } = response as { batchItemFailures?: { itemIdentifier?: string }[] | null };
  if (batchItemFailures === null || batchItemFailures === undefined) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;
  const ids = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier ?? '');
  return ids.every((id) => all.has(id)) ? new Set(ids) : all;
}
