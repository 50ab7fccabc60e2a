import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAction } from '../../../../local/sqs/actions.ts';
import { readQueueSettings } from '../../../../local/sqs/queue-engine.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues, type Received } from '../open-queues.ts';

const parent = temporaryDir();
const MAX_IN_FLIGHT = 3;
const redrive = { deadLetterTargetArn: modelQueue('dead').arn, maxReceiveCount: 2 };
const models = [
  modelQueue('jobs'),
  modelQueue('small', { MaximumMessageSize: '1024', DelaySeconds: '60', VisibilityTimeout: '5' }),
  modelQueue('failing', { RedrivePolicy: JSON.stringify(redrive), VisibilityTimeout: '0' }),
  modelQueue('dead'),
];
let opened: ReturnType<typeof openQueues>;
beforeEach(() => {
  opened = openQueues(mkdtempSync(join(parent, 'sqs-')), models, MAX_IN_FLIGHT);
});
afterEach(() => opened.engine.close());

const call: typeof opened.call = (...all) => opened.call(...all);
const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: Id, ...more });
const batch = (...Entries: object[]) => call('SendMessageBatch', 'jobs', { Entries });
const counts = (queue: string) => opened.counts(queue);
async function receiveOne(queue = 'jobs', more: object = {}): Promise<Received> {
  return (await opened.receive(queue, { MaxNumberOfMessages: 1, ...more }))[0]!;
}

describe('a message', () => {
  it('has the digests that AWS computes for its body and its attributes', async () => {
    const MessageAttributes = {
      reason: { DataType: 'String', StringValue: 'no store' },
      upload: { DataType: 'String', StringValue: 'sales/ü.csv' },
    };
    // Computed by a program in another language, from the description in the SQS developer guide.
    const digests = {
      MD5OfMessageBody: '75bb8f9ef5470c05eb25cb33e5df2164',
      MD5OfMessageAttributes: '425e801eb38e59d736394a86f7c9028c',
    };
    expect(await opened.send('jobs', 'body ü', { MessageAttributes })).toMatchObject(digests);
    const all = await receiveOne('jobs', { MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
    expect(all).toMatchObject({
      MD5OfBody: digests.MD5OfMessageBody,
      MD5OfMessageAttributes: digests.MD5OfMessageAttributes,
      MessageAttributes,
    });
    const one = await receiveOne('jobs', {
      MessageAttributeNames: ['reason', 'other'],
      VisibilityTimeout: 0,
    });
    expect(one).toMatchObject({ MessageAttributes: { reason: MessageAttributes.reason } });
    expect(await receiveOne()).not.toHaveProperty('MessageAttributes');
  });

  it('says when it was sent, when it was first received and how often', async () => {
    const before = Date.now();
    await opened.send('jobs', 'a');
    const first = await receiveOne('jobs', { VisibilityTimeout: 0 });
    const { Attributes } = await receiveOne();
    expect(Attributes).toMatchObject({
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: first.Attributes.ApproximateFirstReceiveTimestamp,
      SenderId: '000000000000',
    });
    expect(Number(Attributes.SentTimestamp)).toBeGreaterThanOrEqual(before);
    expect(Number(Attributes.ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(before);
    expect(Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
  });

  it('keeps characters outside the basic plane', async () => {
    await opened.send('jobs', 'receipt 🧾\t\r\n');
    expect((await receiveOne()).Body).toBe('receipt 🧾\t\r\n');
  });

  it('counts as visible, in flight or delayed', async () => {
    for (const body of ['a', 'b', 'c']) await opened.send('jobs', body);
    await opened.send('jobs', 'later', { DelaySeconds: 60 });
    await receiveOne();
    expect(await counts('jobs')).toEqual([2, 1, 1]);
  });

  it('has the delay and the visibility timeout of its queue unless the call gives another', async () => {
    await opened.send('small', 'later');
    await opened.send('small', 'now', { DelaySeconds: 0 });
    const { Body } = await receiveOne('small');
    expect([Body, await counts('small')]).toEqual(['now', [0, 1, 1]]);
    opened.engine.passTime(6);
    expect(await counts('small')).toEqual([1, 0, 1]);
  });

  it('goes to the dead-letter queue at the receive after the last one, with the queue that it comes from', async () => {
    await opened.send('failing', 'poison');
    for (let receives = 0; receives < 2; receives++) expect(await opened.receive('failing')).toHaveLength(1);
    expect(await opened.receive('failing')).toEqual([]);
    expect((await receiveOne('dead')).Attributes).toMatchObject({
      ApproximateReceiveCount: '3',
      DeadLetterQueueSourceArn: models[2]!.arn,
    });
  });
});

describe('a receipt handle', () => {
  it('of the last receive alone deletes the message', async () => {
    await opened.send('jobs', 'a');
    const old = await receiveOne('jobs', { VisibilityTimeout: 0 });
    const { ReceiptHandle } = await receiveOne('jobs', { VisibilityTimeout: 60 });
    await call('DeleteMessage', 'jobs', { ReceiptHandle: old.ReceiptHandle });
    await call('DeleteMessage', 'dead', { ReceiptHandle });
    expect(await counts('jobs')).toEqual([0, 1, 0]);
    await call('DeleteMessage', 'jobs', { ReceiptHandle });
    expect(await counts('jobs')).toEqual([0, 0, 0]);
  });

  it('expires with the visibility timeout', async () => {
    await opened.send('jobs', 'a');
    const { ReceiptHandle } = await receiveOne('jobs', { VisibilityTimeout: 0 });
    await call('DeleteMessage', 'jobs', { ReceiptHandle });
    expect(await counts('jobs')).toEqual([1, 0, 0]);
    const change = call('ChangeMessageVisibility', 'jobs', { ReceiptHandle, VisibilityTimeout: 1 });
    await expect(change).rejects.toMatchObject({ code: 'MessageNotInflight' });
  });

  it('holds its message for 12 hours at most, counted from the receive', async () => {
    await opened.send('jobs', 'a');
    const { ReceiptHandle } = await receiveOne('jobs', { VisibilityTimeout: 43_200 });
    const change = (VisibilityTimeout: number) =>
      call('ChangeMessageVisibility', 'jobs', { ReceiptHandle, VisibilityTimeout });
    opened.engine.passTime(3_600);
    await expect(change(43_200 - 3_599)).rejects.toThrow('beyond the limit [43200 seconds]');
    await change(43_200 - 3_700);
  });
});

describe('a receive', () => {
  it('waits for a message and stops to wait when its caller goes or the queues close', async () => {
    const waiting = opened.receive('jobs', { WaitTimeSeconds: 20 });
    await opened.send('jobs', 'a');
    expect(await waiting).toMatchObject([{ Body: 'a' }]);
    const caller = new AbortController();
    const parameters = { QueueUrl: models[0]!.url, WaitTimeSeconds: 20 };
    const abandoned = runAction(opened.engine, 'ReceiveMessage', parameters, caller.signal);
    caller.abort();
    expect(await abandoned).toEqual({});
    const last = opened.receive('jobs', { WaitTimeSeconds: 20 });
    opened.engine.close();
    expect(await last).toEqual([]);
    opened = openQueues(mkdtempSync(join(parent, 'sqs-')), models);
  });

  it('waits until a visibility timeout ends', async () => {
    await opened.send('jobs', 'a');
    await receiveOne('jobs', { VisibilityTimeout: 1 });
    expect(await opened.receive('jobs', { WaitTimeSeconds: 5 })).toMatchObject([{ Body: 'a' }]);
  });

  it('gives one message unless it asks for more', async () => {
    await batch(entry('a'), entry('b'), entry('c'));
    expect(await opened.receive('jobs', { MaxNumberOfMessages: undefined })).toHaveLength(1);
    expect(await opened.receive('jobs', { MaxNumberOfMessages: 2 })).toHaveLength(2);
  });

  it('is refused while the queue has as many messages in flight as it may have, and a long poll gets none', async () => {
    await batch(...['a', 'b', 'c', 'd'].map((id) => entry(id)));
    expect(await opened.receive('jobs')).toHaveLength(MAX_IN_FLIGHT);
    await expect(opened.receive('jobs')).rejects.toMatchObject({ code: 'OverLimit', status: 403 });
    expect(await opened.receive('jobs', { WaitTimeSeconds: 1 })).toEqual([]);
  });
});

describe('a template', () => {
  it.each([
    ['VisibilityTimeout', '43201'],
    ['MessageRetentionPeriod', '59'],
    ['MaximumMessageSize', 'large'],
  ])('whose %s is %s does not start', (attribute, value) => {
    const read = () => readQueueSettings([modelQueue('jobs', { [attribute]: value })]);
    expect(read).toThrow(`${attribute} of queue jobs is "${value}"`);
  });

  it('with a dead-letter queue of another template does not start', () => {
    const policy = JSON.stringify({ ...redrive, deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:1:other' });
    expect(() => readQueueSettings([modelQueue('jobs', { RedrivePolicy: policy })])).toThrow(
      'arn:aws:sqs:eu-west-1:1:other',
    );
  });
});
