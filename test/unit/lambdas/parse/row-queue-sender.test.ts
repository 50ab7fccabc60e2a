import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { RowQueueSender } from '../../../../lambdas/parse/row-queue-sender.ts';

const sqs = mockClient(SQSClient);
afterAll(() => sqs.restore());
const calls = () =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .map(({ args }) => args[0].input.Entries!.map(({ MessageBody }) => MessageBody));
const accept = ({ Entries = [] }: SendMessageBatchCommandInput) => ({
  Successful: Entries.map(({ Id }) => ({ Id, MessageId: Id, MD5OfMessageBody: '' })),
  Failed: [],
});

let sender: RowQueueSender;
beforeEach(() => {
  sqs.reset();
  sender = new RowQueueSender(new SQSClient({ region: 'us-east-1' }), 'queue');
});

test('only the entry that the queue refused is sent again', async () => {
  const refuseSecond = ({ Entries = [] }: SendMessageBatchCommandInput) => ({
    Successful: Entries.filter(({ Id }) => Id !== '1').map(({ Id }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: '',
    })),
    Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
  });
  sqs.on(SendMessageBatchCommand).callsFakeOnce(refuseSecond).callsFake(accept);
  for (const body of ['a', 'b', 'c']) await sender.send(body);
  await sender.flush();
  expect(calls()).toEqual([['a', 'b', 'c'], ['b']]);
});

test('an entry that is neither accepted nor refused is sent again', async () => {
  sqs.on(SendMessageBatchCommand).resolvesOnce({ Successful: [], Failed: [] }).callsFake(accept);
  await sender.send('a');
  await sender.flush();
  expect(calls()).toEqual([['a'], ['a']]);
});

test('a message that the queue can never accept stops the work with its reason', async () => {
  const Failed = [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }];
  sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });
  await sender.send('a');
  await expect(sender.flush()).rejects.toThrow(expect.objectContaining({ name: 'PermanentError' }));
});

test('a queue that accepts nothing is abandoned after a few attempts, for a later retry', async () => {
  const Failed = [{ Id: '0', Code: 'ServiceUnavailable', SenderFault: false }];
  sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });
  await sender.send('a');
  await expect(sender.flush()).rejects.toThrow(expect.objectContaining({ name: 'TransientError' }));
});

test('a call holds at most 10 messages and 1 MiB', async () => {
  sqs.on(SendMessageBatchCommand).callsFake(accept);
  const half = 'x'.repeat(524_288);
  for (const body of [...Array.from({ length: 12 }, () => 's'), half, half, half]) await sender.send(body);
  await sender.flush();
  expect(calls().map((bodies) => bodies.length)).toEqual([10, 3, 2]);
  expect(calls().flat()).toHaveLength(15);
});

test('an error of a call reaches the caller of the sender', async () => {
  sqs.on(SendMessageBatchCommand).rejects(new Error('gone'));
  await sender.send('a');
  await expect(sender.flush()).rejects.toThrow('gone');
});
