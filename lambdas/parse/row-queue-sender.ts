import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { PermanentError, TransientError } from '../shared/errors.ts';
import { retry } from '../shared/retry.ts';

/** Limits of a SendMessageBatch call (SQS developer guide, "Message quotas"). */
const MAX_CALL_BYTES = 1_048_576;
const MAX_CALL_MESSAGES = 10;
/** Calls in progress while the parser continues to read. The limit bounds its memory. */
const MAX_CALLS_IN_PROGRESS = 2;
const MAX_ATTEMPTS = 6;

/** Sends messages to the row queue, as many per call as fit, and retries those that the queue did not accept. */
export class RowQueueSender {
  #sqs: SQSClient;
  #queueUrl: string;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #inProgress = new Set<Promise<void>>();
  #failure: unknown;

  constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /**
   * @param body ASCII text
   * @throws the error of an earlier call
   */
  async send(body: string): Promise<void> {
    if (this.#waiting.length === MAX_CALL_MESSAGES || this.#waitingBytes + body.length > MAX_CALL_BYTES) {
      await this.#startCall();
    }
    this.#waiting.push(body);
    this.#waitingBytes += body.length;
  }

  /** Waits until the queue has every message. */
  async flush(): Promise<void> {
    await this.#startCall();
    await Promise.all(this.#inProgress);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #startCall(): Promise<void> {
    if (this.#inProgress.size >= MAX_CALLS_IN_PROGRESS) await Promise.race(this.#inProgress);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length === 0) return;
    const entries = this.#waiting.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    this.#waiting = [];
    this.#waitingBytes = 0;
    const call = this.#sendAll(entries).catch((error: unknown) => {
      this.#failure = error;
    });
    this.#inProgress.add(call);
    void call.finally(() => this.#inProgress.delete(call));
  }

  /** SendMessageBatch may accept only some entries: an entry is sent if the answer lists it as successful. */
  async #sendAll(entries: SendMessageBatchRequestEntry[]): Promise<void> {
    let left = entries;
    const sendLeft = async () => {
      const command = new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: left });
      const { Successful = [], Failed = [] } = await this.#sqs.send(command);
      const sent = new Set(Successful.map(({ Id }) => Id));
      left = left.filter(({ Id }) => !sent.has(Id));
      if (left.length === 0) return;
      const reason = Failed.map(({ Code, Message }) => `${Code}: ${Message}`).join('; ');
      if (Failed.some(({ SenderFault }) => SenderFault)) {
        throw new PermanentError(`the row queue refuses a message: ${reason}`);
      }
      throw new TransientError(
        `the row queue did not accept ${left.length} messages in ${MAX_ATTEMPTS} attempts: ${reason}`,
      );
    };
    await retry(sendLeft, {
      shouldRetry: (error, attempt) => error instanceof TransientError && attempt < MAX_ATTEMPTS,
      delay: (attempt) => 100 * 2 ** attempt * Math.random(),
    });
  }
}
