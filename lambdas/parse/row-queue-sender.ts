import { setTimeout as sleep } from 'node:timers/promises';
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { PermanentError, TransientError } from '../shared/errors.ts';

/** Limits of one SendMessageBatch call (SQS developer guide, "Message quotas"). */
const MAX_CALL_BYTES = 1_048_576;
const MAX_CALL_MESSAGES = 10;
/** Calls under way while the parser goes on reading: this is what bounds its memory. */
const MAX_CALLS_UNDER_WAY = 2;
const MAX_TRIES = 6;

/** Sends messages to the row queue, as many in one call as fit, and again those that the queue did not take. */
export class RowQueueSender {
  #sqs: SQSClient;
  #queueUrl: string;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #underWay = new Set<Promise<void>>();
  #failure: unknown;

  constructor(sqs: SQSClient, queueUrl: string) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
  }

  /**
   * @param body ASCII text
   * @throws what an earlier call failed with
   */
  async send(body: string): Promise<void> {
    if (this.#waiting.length === MAX_CALL_MESSAGES || this.#waitingBytes + body.length > MAX_CALL_BYTES) {
      await this.#startCall();
    }
    this.#waiting.push(body);
    this.#waitingBytes += body.length;
  }

  /** Resolves when the queue has every message. */
  async flush(): Promise<void> {
    await this.#startCall();
    await Promise.all(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #startCall(): Promise<void> {
    if (this.#underWay.size >= MAX_CALLS_UNDER_WAY) await Promise.race(this.#underWay);
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.length === 0) return;
    const entries = this.#waiting.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    this.#waiting = [];
    this.#waitingBytes = 0;
    const call = this.#sendAll(entries).catch((error: unknown) => {
      this.#failure = error;
    });
    this.#underWay.add(call);
    void call.finally(() => this.#underWay.delete(call));
  }

  /** SendMessageBatch may take some entries and refuse others: only what it names as successful is sent. */
  async #sendAll(entries: SendMessageBatchRequestEntry[]): Promise<void> {
    let left = entries;
    for (let attempt = 1; ; attempt++) {
      const { Successful = [], Failed = [] } = await this.#sqs.send(
        new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries: left }),
      );
      const sent = new Set(Successful.map(({ Id }) => Id));
      left = left.filter(({ Id }) => !sent.has(Id));
      if (left.length === 0) return;
      const reason = Failed.map(({ Code, Message }) => `${Code}: ${Message}`).join('; ');
      if (Failed.some(({ SenderFault }) => SenderFault)) {
        throw new PermanentError(`the row queue refuses a message: ${reason}`);
      }
      if (attempt === MAX_TRIES) {
        throw new TransientError(
          `the row queue did not take ${left.length} messages in ${attempt} tries: ${reason}`,
        );
      }
      await sleep(100 * 2 ** attempt * Math.random());
    }
  }
}
