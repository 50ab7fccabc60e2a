import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';

const parent = temporaryDir();
const MIB = 1024 ** 2;
const models = [modelQueue('jobs'), modelQueue('small', { MaximumMessageSize: '1024' })];
let opened: ReturnType<typeof openQueues>;
beforeEach(() => {
  opened = openQueues(mkdtempSync(join(parent, 'sqs-')), models);
});
afterEach(() => opened.engine.close());

const call: typeof opened.call = (...all) => opened.call(...all);
const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: Id, ...more });
const batch = (...Entries: object[]) => call('SendMessageBatch', 'jobs', { Entries });
const counts = () => opened.counts('jobs');

describe('a batch', () => {
  it('carries out its valid entries and names the others', async () => {
    const answer = await batch(
      entry('good'),
      entry('bad', { DelaySeconds: 901 }),
      entry('empty', { MessageBody: '' }),
    );
    expect(answer).toMatchObject({
      Successful: [{ Id: 'good', MD5OfMessageBody: expect.stringMatching(/^[0-9a-f]{32}$/) }],
      Failed: [
        { Id: 'bad', SenderFault: true, Code: 'InvalidParameterValue' },
        { Id: 'empty', SenderFault: true, Code: 'MissingParameter' },
      ],
    });
    expect(await counts()).toEqual([1, 0, 0]);
  });

  it('of deletions and of visibility changes answers each entry', async () => {
    await batch(entry('a'), entry('b'));
    const [a, b] = await opened.receive('jobs');
    const Entries = [
      { Id: '0', ReceiptHandle: a!.ReceiptHandle, VisibilityTimeout: 0 },
      { Id: '1', ReceiptHandle: crypto.randomUUID(), VisibilityTimeout: 0 },
    ];
    expect(await call('ChangeMessageVisibilityBatch', 'jobs', { Entries })).toMatchObject({
      Successful: [{ Id: '0' }],
      Failed: [{ Id: '1', Code: 'InvalidParameterValue' }],
    });
    const deletions = [
      { Id: '0', ReceiptHandle: b!.ReceiptHandle },
      { Id: '1', ReceiptHandle: 'x' },
    ];
    expect(await call('DeleteMessageBatch', 'jobs', { Entries: deletions })).toMatchObject({
      Successful: [{ Id: '0' }],
      Failed: [{ Id: '1', Code: 'ReceiptHandleIsInvalid' }],
    });
    expect(await counts()).toEqual([1, 0, 0]);
  });

  it('of 10 entries with 1 MiB and with ids of 80 characters is the largest', async () => {
    const Entries = Array.from({ length: 10 }, (_, i) =>
      entry(`${i}`.padStart(80, '-'), { MessageBody: 'x'.repeat(MIB / 10) }),
    );
    expect((await batch(...Entries)).Failed).toEqual([]);
  });

  it.each([
    ['no entry', [], 'EmptyBatchRequest'],
    ['11 entries', Array.from({ length: 11 }, (_, i) => entry(`${i}`)), 'TooManyEntriesInBatchRequest'],
    ['an id twice', [entry('a'), entry('a')], 'BatchEntryIdsNotDistinct'],
    ['an empty id', [entry('')], 'InvalidBatchEntryId'],
    ['an id with a dot', [entry('a.b')], 'InvalidBatchEntryId'],
    ['an id of 81 characters', [entry('x'.repeat(81))], 'InvalidBatchEntryId'],
    ['no id', [{ MessageBody: 'x' }], 'InvalidBatchEntryId'],
    [
      'more than 1 MiB in all',
      ['a', 'b'].map((id) => entry(id, { MessageBody: id.repeat(MIB / 2 + 1) })),
      'BatchRequestTooLong',
    ],
    ['an unknown parameter in an entry', [entry('a', { MessageGroupId: 'g' })], 'UnsupportedOperation'],
  ])('is refused with %s', async (_, Entries, code) => {
    await expect(batch(...Entries)).rejects.toMatchObject({ code, status: 400 });
    expect(await counts()).toEqual([0, 0, 0]);
  });
});

describe('SQS refuses', () => {
  const text = (StringValue: string, DataType = 'String') => ({ a: { DataType, StringValue } });
  it.each<[string, string, object, string]>([
    ['a message without a body', 'SendMessage', {}, 'MissingParameter'],
    ['an empty message', 'SendMessage', { MessageBody: '' }, 'MissingParameter'],
    ['a control character', 'SendMessage', { MessageBody: 'a\u0001' }, 'InvalidMessageContents'],
    ['half of a surrogate pair', 'SendMessage', { MessageBody: 'a\ud83e' }, 'InvalidMessageContents'],
    ['U+FFFF', 'SendMessage', { MessageBody: '\uffff' }, 'InvalidMessageContents'],
    ['a message above 1 MiB', 'SendMessage', { MessageBody: 'x'.repeat(MIB + 1) }, 'InvalidParameterValue'],
    [
      'attributes that make it too long',
      'SendMessage',
      { MessageBody: 'x'.repeat(MIB - 7), MessageAttributes: text('1') },
      'InvalidParameterValue',
    ],
    [
      'a delay above 15 minutes',
      'SendMessage',
      { MessageBody: 'x', DelaySeconds: 901 },
      'InvalidParameterValue',
    ],
    ['a delay below 0', 'SendMessage', { MessageBody: 'x', DelaySeconds: -1 }, 'InvalidParameterValue'],
    ['a broken delay', 'SendMessage', { MessageBody: 'x', DelaySeconds: 1.5 }, 'InvalidParameterValue'],
    [
      'an attribute without a value',
      'SendMessage',
      { MessageBody: 'x', MessageAttributes: text('') },
      'InvalidParameterValue',
    ],
    [
      'an attribute of an unknown type',
      'SendMessage',
      { MessageBody: 'x', MessageAttributes: text('1', 'Date') },
      'UnsupportedOperation',
    ],
    [
      'an attribute that is not a string',
      'SendMessage',
      { MessageBody: 'x', MessageAttributes: { a: { DataType: 'Binary', BinaryValue: 'AQID' } } },
      'UnsupportedOperation',
    ],
    [
      'a reserved attribute name',
      'SendMessage',
      { MessageBody: 'x', MessageAttributes: { 'AWS.a': text('1').a } },
      'InvalidParameterValue',
    ],
    [
      '11 attributes',
      'SendMessage',
      {
        MessageBody: 'x',
        MessageAttributes: Object.fromEntries([...'abcdefghijk'].map((name) => [name, text('1').a])),
      },
      'InvalidParameterValue',
    ],
    [
      'parameters of FIFO queues',
      'SendMessage',
      { MessageBody: 'x', MessageGroupId: 'g' },
      'UnsupportedOperation',
    ],
    ['no message at all', 'ReceiveMessage', { MaxNumberOfMessages: 0 }, 'InvalidParameterValue'],
    ['11 messages', 'ReceiveMessage', { MaxNumberOfMessages: 11 }, 'InvalidParameterValue'],
    ['a wait of 21 seconds', 'ReceiveMessage', { WaitTimeSeconds: 21 }, 'InvalidParameterValue'],
    ['more than 12 hours', 'ReceiveMessage', { VisibilityTimeout: 43_201 }, 'InvalidParameterValue'],
    [
      'an unknown system attribute',
      'ReceiveMessage',
      { MessageSystemAttributeNames: ['Colour'] },
      'InvalidAttributeName',
    ],
    ['a pattern', 'ReceiveMessage', { MessageAttributeNames: ['rea.*'] }, 'UnsupportedOperation'],
    ['an unknown parameter', 'ReceiveMessage', { Filter: 'x' }, 'UnsupportedOperation'],
    ['a handle that SQS never gave', 'DeleteMessage', { ReceiptHandle: 'x' }, 'ReceiptHandleIsInvalid'],
    ['no handle', 'DeleteMessage', {}, 'MissingParameter'],
    [
      'a change without a timeout',
      'ChangeMessageVisibility',
      { ReceiptHandle: crypto.randomUUID() },
      'MissingParameter',
    ],
    [
      'an unknown queue attribute',
      'GetQueueAttributes',
      { AttributeNames: ['Colour'] },
      'InvalidAttributeName',
    ],
    [
      'a queue that does not exist',
      'GetQueueAttributes',
      { QueueUrl: 'http://x/0/none' },
      'QueueDoesNotExist',
    ],
    ...[
      'http://127.0.0.1:1/111111111111/jobs',
      'http://example.com/000000000000/jobs',
      'http://127.0.0.1:1/x/000000000000/jobs',
      'jobs',
    ].map((QueueUrl): [string, string, object, string] => [
      `the address ${QueueUrl}`,
      'GetQueueAttributes',
      { QueueUrl },
      'InvalidAddress',
    ]),
    ...[5, null, [], {}, { toString: 5 }].flatMap((wrong): [string, string, object, string][] => [
      [`a body of the wrong type`, 'SendMessage', { MessageBody: wrong }, 'InvalidParameterValue'],
      [`a queue of the wrong type`, 'SendMessage', { QueueUrl: wrong }, 'InvalidParameterValue'],
      [
        `an attribute of the wrong type`,
        'SendMessage',
        { MessageBody: 'x', MessageAttributes: { a: { DataType: 'String', StringValue: wrong } } },
        'InvalidParameterValue',
      ],
    ]),
    ['a call without a queue', 'GetQueueAttributes', { QueueUrl: undefined }, 'MissingParameter'],
  ])('%s', async (_, action, parameters, code) => {
    await expect(call(action, 'jobs', { ...parameters })).rejects.toMatchObject({ code });
  });

  it('a message above the limit of its queue', async () => {
    await opened.send('small', 'x'.repeat(1_024));
    await expect(opened.send('small', 'x'.repeat(1_025))).rejects.toThrow('must be shorter than 1024 bytes');
  });
});
