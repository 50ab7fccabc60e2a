import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';

const parent = temporaryDir();
let dir: string;
let opened: ReturnType<typeof openQueues>;
beforeEach(() => {
  dir = mkdtempSync(join(parent, 'sqs-'));
  opened = openQueues(dir, [modelQueue('jobs')]);
});
afterEach(() => opened.engine.close());

function reopen(attributes: Record<string, string> = {}): void {
  opened.engine.close();
  opened = openQueues(dir, [modelQueue('jobs', attributes)]);
}

const receive = () => opened.receive('jobs');
const send = (body: string, more = {}) => opened.send('jobs', body, more);

describe('after a restart', () => {
  it('waiting messages are still there', async () => {
    for (const body of ['a', 'b', 'c']) await send(body);
    reopen();
    expect((await receive()).map(({ Body }) => Body).sort()).toEqual(['a', 'b', 'c']);
  });

  it('a message in flight is visible at once, with its receive count', async () => {
    await send('a');
    expect(await receive()).toHaveLength(1);
    reopen();
    const [again] = await receive();
    expect(again).toMatchObject({ Body: 'a', Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('a deleted message stays deleted', async () => {
    await send('a');
    const [{ ReceiptHandle } = { ReceiptHandle: '' }] = await receive();
    await opened.call('DeleteMessage', 'jobs', { ReceiptHandle });
    reopen();
    expect(await receive()).toEqual([]);
  });

  it('a delayed message is still delayed', async () => {
    await send('a', { DelaySeconds: 60 });
    reopen();
    expect(await receive()).toEqual([]);
  });

  it('the address of a queue follows the new template', async () => {
    await send('a');
    opened.engine.close();
    const url = 'http://127.0.0.1:2/000000000000/jobs';
    opened = openQueues(dir, [{ ...modelQueue('jobs'), url }]);
    expect(opened.engine.queues).toMatchObject([{ name: 'jobs', url }]);
    expect((await receive()).map(({ Body }) => Body)).toEqual(['a']);
  });

  it('a queue has the attributes and the messages, with the defaults of SQS for the rest', async () => {
    await send('a');
    reopen({ VisibilityTimeout: '5' });
    const attributes = () => opened.call('GetQueueAttributes', 'jobs', { AttributeNames: ['All'] });
    expect(await attributes()).toMatchObject({
      Attributes: { VisibilityTimeout: '5', ApproximateNumberOfMessages: '1' },
    });
    reopen();
    expect(await attributes()).toMatchObject({ Attributes: { VisibilityTimeout: '30' } });
  });
});
