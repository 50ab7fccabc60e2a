import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueModel } from '../../../../local/assembly/cloud-model.ts';
import { Queues } from '../../../../local/sqs/fauxqs.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';

const parent = temporaryDir();
const QueueUrl = 'http://127.0.0.1:1/000000000000/jobs';
const model = (attributes: Record<string, string> = {}, port = 1): QueueModel => ({
  name: 'jobs',
  arn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
  url: `http://127.0.0.1:${port}/000000000000/jobs`,
  attributes,
});

let dir: string;
let queues: Queues;
beforeEach(async () => {
  dir = mkdtempSync(join(parent, 'sqs-'));
  queues = await Queues.open(dir, [model()]);
});
afterEach(() => queues.close());

async function reopen(changed: QueueModel = model()): Promise<void> {
  queues.close();
  queues = await Queues.open(dir, [changed]);
}

interface Received {
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly Attributes?: Record<string, string>;
}

async function receive(): Promise<Received[]> {
  const request = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] };
  return ((await queues.call('ReceiveMessage', request)) as { Messages?: Received[] }).Messages ?? [];
}

async function send(MessageBody: string, more: object = {}): Promise<void> {
  await queues.call('SendMessage', { QueueUrl, MessageBody, ...more });
}

describe('after a restart', () => {
  it('the messages that were waiting are there', async () => {
    for (const body of ['a', 'b', 'c']) await send(body);
    await reopen();
    expect((await receive()).map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c']);
  });

  it('a message that was in flight is visible at once, with the count of its receipts', async () => {
    await send('a');
    expect(await receive()).toHaveLength(1);
    await reopen();
    const [again] = await receive();
    expect(again).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('a message that was deleted stays deleted', async () => {
    await send('a');
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = await receive();
    await queues.call('DeleteMessage', { QueueUrl, ReceiptHandle });
    await reopen();
    expect(await receive()).toEqual([]);
  });

  it('a message that is delayed still is', async () => {
    await send('a', { DelaySeconds: 60 });
    await reopen();
    expect(await receive()).toEqual([]);
  });

  it('a queue has the attributes and the address of the new template', async () => {
    await send('a');
    await reopen(model({ VisibilityTimeout: '5' }, 2));
    const answer = await queues.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(answer).toMatchObject({
      Attributes: { VisibilityTimeout: '5', ApproximateNumberOfMessages: '1' },
    });
    expect(await queues.call('GetQueueUrl', { QueueName: 'jobs' })).toEqual({ QueueUrl: model({}, 2).url });
  });

  it('an attribute that left the template has its default again', async () => {
    await reopen(model({ VisibilityTimeout: '5' }));
    await reopen(model());
    const answer = await queues.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(answer).toMatchObject({ Attributes: { VisibilityTimeout: '30' } });
  });
});
