import { createHash, randomUUID } from 'node:crypto';
import { ACCOUNT } from '../assembly/template.ts';
import { ServiceError } from '../gateway/service.ts';
import {
  checkAttributes,
  digestAttributes,
  measureAttributes,
  selectAttributes,
} from './message-attributes.ts';
import {
  type ChangeResult,
  type HeldMessage,
  type NewMessage,
  TooManyInFlightError,
  type VisibilityChange,
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
} from './requests.ts';

/** SQS developer guide, "Amazon SQS message quotas". */
const MAX_BATCH_BYTES = 1_048_576;
/** SQS API reference, "SendMessage". */
const INVALID_CHARACTERS = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const RECEIPT_HANDLE = /^[0-9a-f-]{36}$/;
const SYSTEM_ATTRIBUTES = [
  'All',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
];

const send: EntryAction<NewMessage, void> = {
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
    return {
      messageId: randomUUID(),
      body,
      md5: createHash('md5').update(body).digest('hex'),
      attributes,
      delaySeconds: readInteger(entry, 'DelaySeconds', numbers.DelaySeconds),
    };
  },
  async run({ engine, queue }, messages) {
    await engine.send(queue.name, messages);
    return [];
  },
  answer: ({ messageId, md5, attributes }) => ({
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

const remove: EntryAction<string, void> = {
  parameters: ['ReceiptHandle'],
  read: readReceiptHandle,
  async run({ engine, queue }, handles) {
    await engine.delete(queue.name, handles);
    return [];
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
    'AttributeNames',
    'MessageSystemAttributeNames',
    'MessageAttributeNames',
  ],
  async run({ queue, engine, parameters, signal }) {
    const { VisibilityTimeout, ReceiveMessageWaitTimeSeconds } = queue.numbers;
    const system = ['AttributeNames', 'MessageSystemAttributeNames'].flatMap((name) =>
      readNames(parameters, name),
    );
    const unknown = system.find((name) => !SYSTEM_ATTRIBUTES.includes(name));
    if (unknown !== undefined) {
      throw new ServiceError('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
    }
    const wanted = readNames(parameters, 'MessageAttributeNames');
    const messages = await engine
      .receive(queue.name, {
        maxMessages: readInteger(parameters, 'MaxNumberOfMessages', 1),
        visibilitySeconds: readInteger(parameters, 'VisibilityTimeout', VisibilityTimeout),
        waitSeconds: readInteger(parameters, 'WaitTimeSeconds', ReceiveMessageWaitTimeSeconds),
        signal,
      })
      .catch((error: unknown) => {
        if (error instanceof TooManyInFlightError) throw new ServiceError('OverLimit', error.message, 403);
        throw error;
      });
    if (messages.length === 0) return {};
    return { Messages: messages.map((message) => describeMessage(message, system, wanted)) };
  },
};

/** The actions on messages, by their names. */
export const MESSAGE_ACTIONS: Readonly<Record<string, Action>> = {
  SendMessage: forOne(send),
  SendMessageBatch: forBatch('SendMessageBatch', send),
  ReceiveMessage: receive,
  DeleteMessage: forOne(remove),
  DeleteMessageBatch: forBatch('DeleteMessageBatch', remove),
  ChangeMessageVisibility: forOne(changeVisibility),
  ChangeMessageVisibilityBatch: forBatch('ChangeMessageVisibilityBatch', changeVisibility),
};

function readReceiptHandle(entry: Parameters): string {
  const handle = readString(entry, 'ReceiptHandle');
  if (RECEIPT_HANDLE.test(handle)) return handle;
  throw new ServiceError('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not valid.`, 404);
}

/** Measures a message as its limit counts it: body and attributes, in bytes. */
function measure({ MessageBody, MessageAttributes }: Parameters): number {
  return Buffer.byteLength(String(MessageBody ?? '')) + measureAttributes(MessageAttributes);
}

function describeMessage(message: HeldMessage, system: readonly string[], wanted: readonly string[]): object {
  const values: Record<string, string | undefined> = {
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
    ApproximateReceiveCount: String(message.receiveCount),
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
    SenderId: ACCOUNT,
    SentTimestamp: String(message.sentAt),
  };
  const isWanted = (name: string) => system.includes('All') || system.includes(name);
  const names = Object.keys(values).filter((name) => values[name] !== undefined && isWanted(name));
  const attributes = selectAttributes(message.attributes, wanted);
  const hasAttributes = Object.keys(attributes).length > 0;
  return {
    MessageId: message.messageId,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.md5,
    ...(names.length > 0 && { Attributes: Object.fromEntries(names.map((name) => [name, values[name]])) }),
    ...(hasAttributes && {
      MessageAttributes: attributes,
      MD5OfMessageAttributes: digestAttributes(attributes),
    }),
  };
}
