import { ACCOUNT } from '../assembly/template.ts';
import { ServiceError } from '../gateway/service.ts';
import { checkAttributes, digestAttributes, measureAttributes } from './message-attributes.ts';
import type {
  ChangeResult,
  HeldMessage,
  NewMessage,
  QueueEngine,
  SentMessage,
  VisibilityChange,
} from './queue-engine.ts';
import {
  type Action,
  type EntryAction,
  forBatch,
  forOne,
  invalid,
  invalidValue,
  type Parameters,
  readInteger,
  readNames,
  readString,
  refuseUnknown,
  selectNames,
  unsupported,
} from './requests.ts';

/** SQS developer guide, "Amazon SQS message quotas". */
const MAX_BATCH_BYTES = 1_048_576;
/** SQS API reference, "SendMessage". */
const INVALID_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const RECEIPT_HANDLE = /^[0-9a-f-]{36}$/;
/** The system attributes of a received message. */
const SYSTEM_ATTRIBUTES: Readonly<Record<string, (message: HeldMessage) => unknown>> = {
  ApproximateFirstReceiveTimestamp: ({ firstReceivedAt }) => firstReceivedAt,
  ApproximateReceiveCount: ({ receiveCount }) => receiveCount,
  DeadLetterQueueSourceArn: ({ deadLetterSourceArn }) => deadLetterSourceArn,
  SenderId: () => ACCOUNT,
  SentTimestamp: ({ sentAt }) => sentAt,
};
const send: EntryAction<NewMessage, SentMessage> = {
  parameters: ['MessageBody', 'DelaySeconds', 'MessageAttributes'],
  read(entry, { numbers }) {
    const body = readString(entry, 'MessageBody');
    if (INVALID_CHARACTERS.test(body)) {
      const message =
        'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF';
      throw new ServiceError('InvalidMessageContents', `${message} | #xE000 to #xFFFD | #x10000 to #x10FFFF`);
    }
    const attributes = checkAttributes(entry.MessageAttributes ?? {});
    if (measure(entry) > numbers.MaximumMessageSize) {
      const message = `One or more parameters are invalid. Reason: Message must be shorter than ${numbers.MaximumMessageSize} bytes.`;
      throw invalidValue(message);
    }
    return { body, attributes, delaySeconds: readInteger(entry, 'DelaySeconds', numbers.DelaySeconds) };
  },
  run: ({ engine, queue }, messages) => engine.send(queue.name, messages),
  answer: ({ attributes }, { messageId, md5 }) => ({
    MessageId: messageId,
    MD5OfMessageBody: md5,
    MD5OfMessageAttributes: digestAttributes(attributes),
  }),
  checkBatch(entries) {
    if (entries.reduce((sum, entry) => sum + measure(entry), 0) <= MAX_BATCH_BYTES) return;
    const message = `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes.`;
    throw new ServiceError('BatchRequestTooLong', message);
  },
};

const remove: EntryAction<string, object> = {
  parameters: ['ReceiptHandle'],
  read: readReceiptHandle,
  async run({ engine, queue }, handles) {
    await engine.delete(queue.name, handles);
    return handles.map(() => ({}));
  },
  answer: () => ({}),
};

const changeVisibility: EntryAction<VisibilityChange, ChangeResult> = {
  parameters: ['ReceiptHandle', 'VisibilityTimeout'],
  read: (entry) => ({
    receiptHandle: readReceiptHandle(entry),
    visibilitySeconds: readInteger(entry, 'VisibilityTimeout'),
  }),
  run: ({ engine, queue }, changes) => engine.changeVisibility(queue.name, changes),
  answer({ receiptHandle, visibilitySeconds }, result) {
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    if (result === 'unknown') throw invalid('ReceiptHandle', receiptHandle, reason);
    if (result === 'not-in-flight') throw new ServiceError('MessageNotInflight', reason);
    if (result === 'too-long') {
      const limit = 'Total VisibilityTimeout for the message is beyond the limit [43200 seconds].';
      throw invalid('VisibilityTimeout', visibilitySeconds, limit);
    }
    return {};
  },
};

const receive: Action = {
  parameters: [
    'MaxNumberOfMessages',
    'VisibilityTimeout',
    'WaitTimeSeconds',
    'MessageSystemAttributeNames',
    'MessageAttributeNames',
  ],
  async run({ queue, engine, parameters, signal }) {
    const { VisibilityTimeout, ReceiveMessageWaitTimeSeconds } = queue.numbers;
    const known = Object.keys(SYSTEM_ATTRIBUTES);
    const system = selectNames(parameters, 'MessageSystemAttributeNames', known);
    const wanted = readNames(parameters, 'MessageAttributeNames');
    const pattern = wanted.find((name) => name.endsWith('*'));
    if (pattern !== undefined) throw unsupported(`patterns of message attributes such as ${pattern}`);
    const messages = await engine.receive(queue.name, {
      maxMessages: readInteger(parameters, 'MaxNumberOfMessages', 1),
      visibilitySeconds: readInteger(parameters, 'VisibilityTimeout', VisibilityTimeout),
      waitSeconds: readInteger(parameters, 'WaitTimeSeconds', ReceiveMessageWaitTimeSeconds),
      signal,
    });
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => describeMessage(message, system, wanted)) };
  },
};

function readReceiptHandle(entry: Parameters): string {
  const handle = readString(entry, 'ReceiptHandle');
  if (RECEIPT_HANDLE.test(handle)) return handle;
  throw new ServiceError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not valid.`, 404);
}

/** Measures a message as its limit counts it: body and attributes, in bytes. */
function measure({ MessageBody, MessageAttributes }: Parameters): number {
  return (
    Buffer.byteLength(typeof MessageBody === 'string' ? MessageBody : '') +
    measureAttributes(MessageAttributes)
  );
}

/** A message as ReceiveMessage returns it. */
export type ReceivedMessage = ReturnType<typeof describeMessage>;

function describeMessage(message: HeldMessage, system: readonly string[], wanted: readonly string[]) {
  const values = system.flatMap((name) => {
    const value = SYSTEM_ATTRIBUTES[name]!(message);
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  const attributes = Object.fromEntries(
    Object.entries(message.attributes).filter(([name]) => wanted.includes('All') || wanted.includes(name)),
  );
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.md5,
    ...(values.length > 0 && { Attributes: Object.fromEntries(values) }),
    ...(Object.keys(attributes).length > 0 && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: digestAttributes(attributes),
    }),
  };
}

const COUNTS = {
  ApproximateNumberOfMessages: 'visible',
  ApproximateNumberOfMessagesNotVisible: 'inFlight',
  ApproximateNumberOfMessagesDelayed: 'delayed',
} as const;

const getQueueAttributes: Action = {
  parameters: ['AttributeNames'],
  async run({ queue: { name: queueName, arn, numbers, redrive }, engine, parameters }) {
    const settings = { QueueArn: arn, ...numbers, RedrivePolicy: redrive && JSON.stringify(redrive) };
    const names = selectNames(parameters, 'AttributeNames', Object.keys({ ...settings, ...COUNTS }));
    const values: Record<string, unknown> = settings;
    if (names.some((name) => name in COUNTS)) {
      const counts = await engine.count(queueName);
      for (const [name, count] of Object.entries(COUNTS)) values[name] = counts[count];
    }
    const set = names.filter((name) => values[name] !== undefined);
    return { Attributes: Object.fromEntries(set.map((name) => [name, String(values[name])])) };
  },
};

const ACTIONS: Readonly<Record<string, Action>> = {
  SendMessage: forOne(send),
  SendMessageBatch: forBatch('SendMessageBatch', send),
  ReceiveMessage: receive,
  DeleteMessage: forOne(remove),
  DeleteMessageBatch: forBatch('DeleteMessageBatch', remove),
  ChangeMessageVisibility: forOne(changeVisibility),
  ChangeMessageVisibilityBatch: forBatch('ChangeMessageVisibilityBatch', changeVisibility),
  GetQueueAttributes: getQueueAttributes,
};

/** Reads the last part of a queue's URL. */
export function readQueueName(queueUrl: unknown): string {
  return typeof queueUrl === 'string' ? queueUrl.slice(queueUrl.lastIndexOf('/') + 1) : '*';
}

/** Compares the host and the account of two URLs of a queue, but not the port, which each start may choose. */
function isSameAddress(given: string, known: string): boolean {
  if (!URL.canParse(given)) return false;
  const [one, other] = [new URL(given), new URL(known)];
  return one.hostname === other.hostname && one.pathname === other.pathname && one.search === '';
}

/**
 * Carries out one call on a queue of the engine.
 * @param signal ends a long poll whose caller has gone
 * @throws {ServiceError} with the code that SQS would give
 */
export async function runAction(
  engine: QueueEngine,
  name: string,
  parameters: Parameters,
  signal?: AbortSignal,
): Promise<object> {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    throw new ServiceError('InvalidAction', `the local cloud does not support the SQS action "${name}"`);
  }
  refuseUnknown(name, parameters, ['QueueUrl', ...action.parameters]);
  const queueUrl = readString(parameters, 'QueueUrl');
  const queue = engine.queues.find((known) => known.name === readQueueName(queueUrl));
  if (queue === undefined) {
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  }
  if (!isSameAddress(queueUrl, queue.url)) {
    throw new ServiceError('InvalidAddress', `The address ${queueUrl} is not valid for this endpoint.`, 404);
  }
  return action.run({ queue, engine, parameters, signal });
}
