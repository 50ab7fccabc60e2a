import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventSourceModel } from '../assembly/readers/function-readers.ts';
import { REGION } from '../assembly/template.ts';
import type { FaultPlan } from '../faults/fault-plan.ts';
import type { Caller } from '../iam/principals.ts';
import type { ReceivedMessage } from '../sqs/actions.ts';
import type { SqsService } from '../sqs/sqs-service.ts';
import type { FunctionHost } from './function-host.ts';

/** Copies of a function that run at a time even on a machine with one processor. */
const MIN_CONCURRENCY = 2;
const LONG_POLL_SECONDS = 20;
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
  #stopped = false;
  #deliveries = 0;

  constructor(props: PollerProps) {
    this.#props = props;
  }

  start(): void {
    const local = Math.max(MIN_CONCURRENCY, availableParallelism());
    const concurrency = Math.min(this.#props.source.maxConcurrency, local);
    for (let loop = 0; loop < concurrency; loop++) void this.#poll();
  }

  /** Takes no more messages; invocations in progress continue. */
  stop(): void {
    this.#stopped = true;
  }

  async #poll(): Promise<void> {
    while (!this.#stopped) {
      try {
        // Lambda checks that the queue's visibility timeout is long enough for the function.
        await this.#call('GetQueueAttributes', { AttributeNames: ['VisibilityTimeout'] });
        const messages = await this.#receive();
        if (messages.length > 0 && !this.#stopped) await this.#deliver(messages);
      } catch (error) {
        if (this.#stopped) return;
        this.#props.onError(error as Error);
        await sleep(PAUSE_AFTER_ERROR_MILLISECONDS);
      }
    }
  }

  async #receive(): Promise<ReceivedMessage[]> {
    const answer = await this.#call('ReceiveMessage', {
      MaxNumberOfMessages: Math.min(10, this.#props.source.batchSize),
      WaitTimeSeconds: LONG_POLL_SECONDS,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    });
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
    const Entries = messages
      .filter(({ MessageId }) => !failed.has(MessageId))
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    if (Entries.length > 0) await this.#call('DeleteMessageBatch', { Entries });
  }

  async #makeVisible(messages: readonly ReceivedMessage[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => {
      return { Id: String(index), ReceiptHandle, VisibilityTimeout: 0 };
    });
    await this.#call('ChangeMessageVisibilityBatch', { Entries });
  }

  #call(action: string, body: object): Promise<unknown> {
    const { sqs, caller, queueUrl } = this.#props;
    return sqs.call(caller, action, { QueueUrl: queueUrl, ...body });
  }
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
