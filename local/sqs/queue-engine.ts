import type { QueueModel } from '../assembly/readers/storage-readers.ts';

export type MessageAttributes = Readonly<Record<string, { DataType: 'String'; StringValue: string }>>;

export interface NewMessage {
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly delaySeconds: number;
}

export interface SentMessage {
  readonly messageId: string;
  /** MD5 of the body, in hexadecimal. */
  readonly md5: string;
}

/** A message that a caller has received and now holds. Times are in milliseconds since the epoch. */
export interface HeldMessage extends SentMessage, Omit<NewMessage, 'delaySeconds'> {
  readonly receiptHandle: string;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
  readonly receiveCount: number;
  /** ARN of the queue that the message failed in, if a redrive policy moved it. */
  readonly deadLetterSourceArn: string | undefined;
}

export interface ReceiveOptions {
  readonly maxMessages: number;
  readonly visibilitySeconds: number;
  /** Time to wait for the first message; 0 is a short poll. */
  readonly waitSeconds: number;
  /** Ends the wait early, because the caller has gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface VisibilityChange {
  readonly receiptHandle: string;
  readonly visibilitySeconds: number;
}

/** `unknown`: no message was last received with this handle. `too-long`: more than 12 hours since the receive. */
export type ChangeResult = 'changed' | 'not-in-flight' | 'too-long' | 'unknown';

/**
 * Stores and delivers the messages of the template's queues, at least once and in any order. The service checks
 * requests and permissions before it calls an engine.
 */
export interface QueueEngine {
  readonly queues: readonly QueueSettings[];
  /** Stores all of the messages or none. They survive a power failure once the promise resolves. */
  send(queueName: string, messages: readonly NewMessage[]): Promise<SentMessage[]>;
  /** @throws {ServiceError} OverLimit for a short poll of a queue with too many messages in flight */
  receive(queueName: string, options: ReceiveOptions): Promise<HeldMessage[]>;
  /** Deletes the messages that are in flight under these handles, and ignores other handles as SQS does. */
  delete(queueName: string, receiptHandles: readonly string[]): Promise<void>;
  changeVisibility(queueName: string, changes: readonly VisibilityChange[]): Promise<ChangeResult[]>;
  count(queueName: string): Promise<Record<'visible' | 'inFlight' | 'delayed', number>>;
  /**
   * Time of the oldest message that was not received more than three times, as `ApproximateAgeOfOldestMessage` counts it
   * (SQS developer guide, "Available CloudWatch metrics"), in milliseconds since the epoch.
   */
  oldestSentAt(queueName: string): number | undefined;
  /**
   * Time until a delay or a visibility timeout ends.
   * @returns undefined if a queue with a reader has a visible message already, or if no message is on its way
   */
  secondsToNextMessage(): number | undefined;
  /** Makes every message that much older, and its next delivery that much nearer. */
  passTime(seconds: number): void;
  close(): void;
}

/** A queue of the template, its attributes as numbers. */
export interface QueueSettings {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly numbers: Readonly<Record<keyof typeof NUMBERS, number>>;
  readonly redrive: RedrivePolicy | undefined;
}

interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Default, minimum and maximum of each attribute (SQS API reference, "SetQueueAttributes"). */
const NUMBERS = {
  DelaySeconds: [0, 0, 900],
  MaximumMessageSize: [1_048_576, 1_024, 1_048_576],
  MessageRetentionPeriod: [345_600, 60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 0, 20],
  VisibilityTimeout: [30, 0, 43_200],
} as const;

/** @throws {Error} naming the queue and the attribute whose value SQS would refuse */
export function readQueueSettings(models: readonly QueueModel[]): QueueSettings[] {
  const arns = models.map(({ arn }) => arn);
  return models.map(({ name, arn, url, attributes }) => {
    const numbers = Object.entries(NUMBERS).map(([attribute, [byDefault, min, max]]) => {
      const value = Number(attributes[attribute] ?? byDefault);
      if (Number.isInteger(value) && value >= min && value <= max) return [attribute, value];
      throw new Error(
        `${attribute} of queue ${name} is "${attributes[attribute]}": SQS allows ${min} to ${max}`,
      );
    });
    const { RedrivePolicy: policy } = attributes;
    const redrive = policy === undefined ? undefined : (JSON.parse(policy) as RedrivePolicy);
    if (redrive !== undefined && !arns.includes(redrive.deadLetterTargetArn)) {
      throw new Error(
        `the dead-letter queue of ${name} is not in the template: ${redrive.deadLetterTargetArn}`,
      );
    }
    return { name, arn, url, numbers: Object.fromEntries(numbers) as QueueSettings['numbers'], redrive };
  });
}
