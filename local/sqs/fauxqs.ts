import type { QueueModel } from '../assembly/cloud-model.ts';

/**
 * fauxqs from the inside. Its own server listens on every address of the machine, so the gateway takes its
 * stores and its actions, and stays the only server. Its version is pinned for that reason.
 */
interface Message {
  readonly messageId: string;
  readonly body: string;
  /** In milliseconds since the epoch. */
  sentTimestamp: number;
  delayUntil?: number;
}

interface Queue {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  messages: Message[];
  readonly delayedMessages: Message[];
  readonly inflightMessages: Map<string, { readonly message: Message; visibilityDeadline: number }>;
  url: string;
  persistence: unknown;
  /** Puts back what is visible again. */
  processTimers(): void;
  notifyWaiters(): void;
  setAttributes(attributes: Record<string, string>): void;
}

interface Store {
  persistence: unknown;
  allQueues(): Iterable<Queue>;
  getQueueByName(name: string): Queue | undefined;
  createQueue(name: string, url: string, arn: string, attributes: Record<string, string>): Queue;
  shutdown(): void;
}

interface Persistence {
  readonly db: { exec(sql: string): void; prepare(sql: string): { run(value: string): void } };
  updateMessageReady(messageId: string): void;
  deleteMessage(messageId: string): void;
  loadSqsQueues(store: Store): void;
  close(): void;
}

type Action = (body: object, store: Store, request: object) => unknown;

/** What fauxqs throws where SQS would answer with an error. */
export interface QueueError {
  readonly code: string;
  readonly statusCode: number;
  readonly message: string;
}

/** Actions by which a client may call it; queues come from the template alone. */
const ACTIONS = [
  'SendMessage',
  'SendMessageBatch',
  'ReceiveMessage',
  'DeleteMessage',
  'DeleteMessageBatch',
  'ChangeMessageVisibility',
  'ChangeMessageVisibilityBatch',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListQueues',
  'PurgeQueue',
] as const;
export type QueueAction = (typeof ACTIONS)[number];

const SHUFFLED_MESSAGES = 10;

/** The queues of the template, kept in a SQLite file. */
export class Queues {
  #store: Store;
  #persistence: Persistence;
  #actions: ReadonlyMap<string, Action>;

  private constructor(store: Store, persistence: Persistence, actions: ReadonlyMap<string, Action>) {
    this.#store = store;
    this.#persistence = persistence;
    this.#actions = actions;
  }

  /** @param dir an existing folder */
  static async open(dir: string, models: readonly QueueModel[]): Promise<Queues> {
    const { SqsStore } = (await load('sqs/sqsStore.js')) as { SqsStore: new () => Store };
    const { PersistenceManager } = (await load('persistence.js')) as {
      PersistenceManager: new (dir: string) => Persistence;
    };
    const { DEFAULT_QUEUE_ATTRIBUTES } = (await load('sqs/sqsTypes.js')) as {
      DEFAULT_QUEUE_ATTRIBUTES: Record<string, string>;
    };
    const actions = new Map<string, Action>();
    for (const name of ACTIONS) {
      const camelCase = `${name[0]!.toLowerCase()}${name.slice(1)}`;
      const module = (await load(`sqs/actions/${camelCase}.js`)) as Record<string, Action>;
      actions.set(name, module[camelCase]!);
    }
    const store = new SqsStore();
    const persistence = new PersistenceManager(dir);
    // Whoever held a message when the last run ended is gone: it need not wait for its visibility timeout.
    persistence.db.exec(
      'PRAGMA synchronous = NORMAL; UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL',
    );
    // fauxqs 2.4.1 writes NULL into the count of receipts here, which its own table refuses.
    const makeVisible = persistence.db.prepare(
      'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
    );
    persistence.updateMessageReady = (messageId) => makeVisible.run(messageId);
    persistence.loadSqsQueues(store);
    store.persistence = persistence;
    for (const queue of store.allQueues()) queue.persistence = persistence;
    for (const { name, url, arn, attributes } of models) {
      const queue = store.getQueueByName(name);
      if (queue === undefined) {
        store.createQueue(name, url, arn, { ...attributes }).persistence = persistence;
      } else {
        // An empty policy takes one away that the template has no more.
        queue.setAttributes({ ...DEFAULT_QUEUE_ATTRIBUTES, RedrivePolicy: '', ...attributes });
        queue.url = url;
      }
    }
    return new Queues(store, persistence, actions);
  }

  knows(action: string): action is QueueAction {
    return this.#actions.has(action);
  }

  /** @throws {QueueError} as SQS would answer */
  async call(action: QueueAction, body: object): Promise<unknown> {
    if (action === 'ReceiveMessage') this.#prepareReceive((body as { QueueUrl: string }).QueueUrl);
    return this.#actions.get(action)!(body, this.#store, { headers: {} });
  }

  /** Until a message comes back by itself; undefined where one is there already, or none is on its way. */
  secondsToNextMessage(): number | undefined {
    const queues = [...this.#store.allQueues()];
    if (
      queues.some(({ attributes, messages }) => attributes.RedrivePolicy !== undefined && messages.length > 0)
    ) {
      return undefined;
    }
    const times = queues.flatMap(({ inflightMessages, delayedMessages }) => [
      ...[...inflightMessages.values()].map(({ visibilityDeadline }) => visibilityDeadline),
      ...delayedMessages.map(({ delayUntil = 0 }) => delayUntil),
    ]);
    return times.length === 0 ? undefined : Math.max(0, Math.min(...times) - Date.now()) / 1_000;
  }

  /** Makes every message that much older, and its next delivery that much nearer. */
  passTime(seconds: number): void {
    const milliseconds = seconds * 1_000;
    for (const queue of this.#store.allQueues()) {
      const inFlight = [...queue.inflightMessages.values()];
      for (const entry of inFlight) entry.visibilityDeadline -= milliseconds;
      for (const message of queue.delayedMessages)
        message.delayUntil = (message.delayUntil ?? 0) - milliseconds;
      const waiting = [
        ...queue.messages,
        ...queue.delayedMessages,
        ...inFlight.map(({ message }) => message),
      ];
      for (const message of waiting) message.sentTimestamp -= milliseconds;
      queue.processTimers();
      // Before whoever waits for a message is woken: nothing looks at its age then.
      this.#dropOld(queue);
      if (queue.messages.length > 0) queue.notifyWaiters();
    }
  }

  close(): void {
    this.#store.shutdown();
    this.#persistence.close();
  }

  #dropOld(queue: Queue): void {
    const oldest = Date.now() - Number(queue.attributes.MessageRetentionPeriod) * 1_000;
    for (const { messageId } of queue.messages.filter(({ sentTimestamp }) => sentTimestamp < oldest)) {
      this.#persistence.deleteMessage(messageId);
    }
    queue.messages = queue.messages.filter(({ sentTimestamp }) => sentTimestamp >= oldest);
  }

  /** Standard queues promise no order, and drop what is too old; fauxqs keeps both. */
  #prepareReceive(queueUrl: string): void {
    const queue = this.#store.getQueueByName(queueUrl.split('/').at(-1) ?? '');
    if (queue === undefined) return;
    queue.processTimers();
    this.#dropOld(queue);
    const { messages } = queue;
    const head = Math.min(SHUFFLED_MESSAGES, messages.length);
    for (let last = head - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1));
      [messages[last], messages[other]] = [messages[other]!, messages[last]!];
    }
  }
}

function load(path: string): Promise<unknown> {
  return import(new URL(path, import.meta.resolve('fauxqs')).href);
}
