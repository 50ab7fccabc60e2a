import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { ServiceError } from '../gateway/service.ts';
import { SqliteFile } from '../sqlite-file.ts';
import type {
  ChangeResult,
  HeldMessage,
  NewMessage,
  QueueEngine,
  QueueSettings,
  ReceiveOptions,
  SentMessage,
  VisibilityChange,
} from './queue-engine.ts';
import { SCHEMA } from './sqlite-schema.ts';

/** SQS developer guide, "Amazon SQS message quotas": messages in flight of a standard queue. */
const MAX_IN_FLIGHT = 120_000;
/** SQS developer guide, "Amazon SQS visibility timeout": counted from the receive. */
const MAX_HELD_MILLISECONDS = 12 * 3_600_000;
/** Standard queues promise no order: each receive draws from this number of the oldest messages. */
const SHUFFLED_MESSAGES = 10;

/** SQS developer guide, "Available CloudWatch metrics for Amazon SQS". */
const MAX_AGED_RECEIVES = 3;

const IN_FLIGHT = 'visible_at > ? AND receipt_handle IS NOT NULL';

/**
 * Standard queues in a SQLite file. A send waits until the disk has the message (`synchronous = FULL`). Receives,
 * deletions and changes of visibility do not wait: a power failure can undo the last ones, and the message is
 * delivered again, as at-least-once delivery allows.
 */
export class SqliteQueueEngine implements QueueEngine {
  readonly queues: readonly QueueSettings[];
  #file: SqliteFile;
  #maxInFlight: number;
  /** Emits the name of a queue when its waiting receives must look again. */
  #changes = new EventEmitter().setMaxListeners(0);
  #isClosed = false;

  constructor(dir: string, queues: readonly QueueSettings[], maxInFlight = MAX_IN_FLIGHT) {
    this.queues = queues;
    this.#maxInFlight = maxInFlight;
    this.#file = new SqliteFile(join(dir, 'queues.sqlite'), SCHEMA, 'FULL');
    // The callers that held messages ended with the last run: those need not wait for the visibility timeout.
    this.#file
      .run`UPDATE messages SET receipt_handle = NULL, visible_at = 0 WHERE receipt_handle IS NOT NULL`;
  }

  async send(queueName: string, messages: readonly NewMessage[]): Promise<SentMessage[]> {
    const now = Date.now();
    const sent = this.#file.transaction(() =>
      messages.map(({ body, attributes, delaySeconds }) => {
        const messageId = randomUUID();
        const md5 = createHash('md5').update(body).digest('hex');
        const { lastInsertRowid } = this.#file.run`
          INSERT INTO messages (queue, message_id, sent_at, visible_at)
          VALUES (${queueName}, ${messageId}, ${now}, ${now + delaySeconds * 1_000})`;
        this.#file.run`
          INSERT INTO bodies VALUES (${lastInsertRowid}, ${body}, ${md5}, ${JSON.stringify(attributes)})`;
        return { messageId, md5 };
      }),
    );
    this.#changes.emit(queueName);
    return sent;
  }

  async receive(queueName: string, options: ReceiveOptions): Promise<HeldMessage[]> {
    const deadline = Date.now() + options.waitSeconds * 1_000;
    for (;;) {
      const messages = this.#take(queueName, options);
      const left = deadline - Date.now();
      if (messages.length > 0 || left <= 0) return messages;
      await this.#wait(queueName, Math.min(left, this.#untilNext(queueName)), options.signal);
      if (this.#isClosed || options.signal?.aborted) return [];
    }
  }

  async delete(queueName: string, receiptHandles: readonly string[]): Promise<void> {
    const remove = (handle: string) =>
      this.#file.run`
        DELETE FROM messages WHERE receipt_handle = ${handle} AND queue = ${queueName} AND visible_at > ${Date.now()}`;
    this.#file.transaction(() => receiptHandles.map(remove), 'NORMAL');
  }

  async changeVisibility(queueName: string, changes: readonly VisibilityChange[]): Promise<ChangeResult[]> {
    const changeAll = () => changes.map((each) => this.#change(queueName, each));
    const results = this.#file.transaction(changeAll, 'NORMAL');
    this.#changes.emit(queueName);
    return results;
  }

  async count(queueName: string) {
    this.#dropOld(queueName);
    const inFlight = this.#count(queueName, IN_FLIGHT);
    const later = this.#count(queueName, 'visible_at > ?');
    return { visible: this.#count(queueName, 'visible_at <= ?'), inFlight, delayed: later - inFlight };
  }

  oldestSentAt(queueName: string): number | undefined {
    const { oldest } = this.#file.get`
      SELECT min(sent_at) AS oldest FROM messages WHERE queue = ${queueName} AND receive_count <= ${MAX_AGED_RECEIVES}`!;
    return oldest === null ? undefined : Number(oldest);
  }

  secondsToNextMessage(): number | undefined {
    const now = Date.now();
    const hasVisible = ({ name }: QueueSettings) =>
      this.#file.get`SELECT 1 FROM messages WHERE queue = ${name} AND visible_at <= ${now}` !== undefined;
    if (this.queues.some((queue) => queue.redrive !== undefined && hasVisible(queue))) return undefined;
    const next = this.#file.get`SELECT min(visible_at) AS next_at FROM messages WHERE visible_at > ${now}`!;
    return next.next_at === null ? undefined : (Number(next.next_at) - now) / 1_000;
  }

  passTime(seconds: number): void {
    const columns = ['visible_at', 'sent_at', 'first_received_at', 'received_at'];
    const changes = columns.map((column) => `${column} = ${column} - ?`).join(', ');
    this.#file.run(`UPDATE messages SET ${changes}`, ...columns.map(() => Math.round(seconds * 1_000)));
    for (const { name } of this.queues) {
      // Before the long polls wake up: they do not look at the age of messages that become visible.
      this.#dropOld(name);
      this.#changes.emit(name);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const { name } of this.queues) this.#changes.emit(name);
    this.#file.close();
  }

  /** Resolves after this time, when the queue changes, or as soon as the caller has gone. */
  async #wait(queueName: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    this.#changes.once(queueName, resolve);
    await promise;
    this.#changes.off(queueName, resolve);
    clearTimeout(timer);
  }

  #find(queueName: string): QueueSettings {
    return this.queues.find(({ name }) => name === queueName)!;
  }

  /** Receives the visible messages at once, and moves those that were received too often. */
  #take(queueName: string, { maxMessages, visibilitySeconds, waitSeconds }: ReceiveOptions): HeldMessage[] {
    const queue = this.#find(queueName);
    for (;;) {
      this.#dropOld(queueName);
      const candidates = this.#file.all(
        `SELECT * FROM (
           SELECT sequence, receive_count FROM messages WHERE queue = ? AND visible_at <= ?
           ORDER BY visible_at LIMIT ${SHUFFLED_MESSAGES}
         ) ORDER BY random()`,
        queueName,
        Date.now(),
      );
      if (candidates.length === 0) return [];
      const room = this.#maxInFlight - this.#count(queueName, IN_FLIGHT);
      if (room <= 0 && waitSeconds > 0) return [];
      if (room <= 0) {
        const state = `${queueName} has ${this.#maxInFlight} messages in flight, the maximum`;
        throw new ServiceError('OverLimit', `${state}: delete or release some first`, 403);
      }
      const chosen = candidates.slice(0, Math.min(maxMessages, room));
      const maxReceives = queue.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
      const hold = () =>
        chosen.flatMap(({ sequence, receive_count }) => {
          if (Number(receive_count) < maxReceives) return [this.#hold(Number(sequence), visibilitySeconds)];
          this.#moveToDeadLetters(Number(sequence), queue);
          return [];
        });
      const held = this.#file.transaction(hold, 'NORMAL');
      if (held.length > 0) return held;
    }
  }

  #hold(sequence: number, visibilitySeconds: number): HeldMessage {
    const receiptHandle = randomUUID();
    const now = Date.now();
    const message = this.#file.get`
      UPDATE messages SET receipt_handle = ${receiptHandle}, received_at = ${now},
        visible_at = ${now + visibilitySeconds * 1_000}, receive_count = receive_count + 1,
        first_received_at = coalesce(first_received_at, ${now})
      WHERE sequence = ${sequence} RETURNING *`!;
    const content = this.#file.get`SELECT * FROM bodies WHERE sequence = ${sequence}`!;
    return {
      messageId: String(message.message_id),
      body: String(content.body),
      md5: String(content.md5),
      attributes: JSON.parse(String(content.attributes)),
      receiptHandle,
      sentAt: Number(message.sent_at),
      firstReceivedAt: Number(message.first_received_at),
      receiveCount: Number(message.receive_count),
      deadLetterSourceArn: (message.dead_letter_source as string | null) ?? undefined,
    };
  }

  /** The age of the message counts from when it was sent first, as in standard queues of SQS. */
  #moveToDeadLetters(sequence: number, { arn, redrive }: QueueSettings): void {
    const target = this.queues.find((queue) => queue.arn === redrive?.deadLetterTargetArn)!;
    this.#file.run`
      UPDATE messages SET queue = ${target.name}, dead_letter_source = ${arn}, receipt_handle = NULL
      WHERE sequence = ${sequence}`;
    this.#changes.emit(target.name);
  }

  #change(queueName: string, { receiptHandle, visibilitySeconds }: VisibilityChange): ChangeResult {
    const now = Date.now();
    const message = this.#file
      .get`SELECT * FROM messages WHERE receipt_handle = ${receiptHandle} AND queue = ${queueName}`;
    if (message === undefined) return 'unknown';
    if (Number(message.visible_at) <= now) return 'not-in-flight';
    const visibleAt = now + visibilitySeconds * 1_000;
    if (visibleAt > Number(message.received_at) + MAX_HELD_MILLISECONDS) return 'too-long';
    this.#file.run`UPDATE messages SET visible_at = ${visibleAt} WHERE sequence = ${message.sequence!}`;
    return 'changed';
  }

  /** @param condition on the message, with a parameter for the present time */
  #count(queueName: string, condition: string): number {
    const sql = `SELECT count(*) AS messages FROM messages WHERE queue = ? AND ${condition}`;
    return Number(this.#file.get(sql, queueName, Date.now())!.messages);
  }

  #dropOld(queueName: string): void {
    const oldest = Date.now() - this.#find(queueName).numbers.MessageRetentionPeriod * 1_000;
    this.#file.run`DELETE FROM messages WHERE queue = ${queueName} AND sent_at < ${oldest}`;
  }

  #untilNext(queueName: string): number {
    const next = this.#file.get`
      SELECT min(visible_at) AS next_at FROM messages WHERE queue = ${queueName} AND visible_at > ${Date.now()}`!;
    return next.next_at === null ? Number.POSITIVE_INFINITY : Number(next.next_at) - Date.now();
  }
}
