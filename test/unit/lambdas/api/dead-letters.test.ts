import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { database, mockServices, request, sqs } from './running-api.ts';

mockServices();

const UPLOAD = { upload: { key: 'incoming/store=oslo/a.csv' }, batch: 3 };
const message = (number: number, body: object = UPLOAD) => ({
  MessageId: `message-${number}`,
  ReceiptHandle: `handle-${number}`,
  Body: JSON.stringify(body),
  Attributes: { SentTimestamp: '1737000000000' },
  MessageAttributes: { reason: { DataType: 'String', StringValue: 'The batch has no rows.' } },
});
const LETTER = {
  queue: 'rows',
  id: 'message-1',
  reason: 'The batch has no rows.',
  since: '2025-01-16T04:00:00.000Z',
  about: 'incoming/store=oslo/a.csv, batch 3',
};
const calls = (command: Parameters<typeof sqs.commandCalls>[0]) =>
  sqs.commandCalls(command).map(({ args }) => args[0].input);

/** Makes the dead-letter queue of rows have these messages, ten for each call. */
function queueHas(...messages: ReturnType<typeof message>[]): void {
  sqs.on(GetQueueAttributesCommand).resolves({
    Attributes: { ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
  });
  sqs.on(GetQueueAttributesCommand, { QueueUrl: 'rows-dead' }).resolves({
    Attributes: {
      ApproximateNumberOfMessages: String(messages.length),
      ApproximateNumberOfMessagesNotVisible: '0',
    },
  });
  const left = [...messages];
  sqs.on(ReceiveMessageCommand).resolves({});
  sqs
    .on(ReceiveMessageCommand, { QueueUrl: 'rows-dead' })
    .callsFake(() => ({ Messages: left.splice(0, 10) }));
}

beforeEach(() => queueHas(message(1)));

describe('the list of dead letters', () => {
  test('has the number of each queue, and what the command line shows of some', async () => {
    const { status, body } = await request('listDeadLetters');
    const empty = ['calls', 'uploads', 'notices'].map((queue) => ({ queue, count: 0, letters: [] }));
    expect(status).toBe(200);
    expect(body.queues).toEqual(
      expect.arrayContaining([...empty, { queue: 'rows', count: 1, letters: [LETTER] }]),
    );
  });

  test('reads no queue that is empty, and wakes no database', async () => {
    await request('listDeadLetters');
    expect(calls(ReceiveMessageCommand).map(({ QueueUrl }) => QueueUrl)).toEqual(['rows-dead', 'rows-dead']);
    expect(database.calls()).toEqual([]);
  });

  test('has ten messages of a queue, and leaves all where others see them', async () => {
    queueHas(...Array.from({ length: 25 }, (_, index) => message(index)));
    const { body } = await request('listDeadLetters');
    const rows = (body.queues as { queue: string; count: number; letters: object[] }[])[2]!;
    expect([rows.queue, rows.count, rows.letters.length]).toEqual(['rows', 25, 10]);
    const shown = calls(ChangeMessageVisibilityBatchCommand).flatMap(({ Entries = [] }) => Entries);
    expect(shown.map(({ ReceiptHandle, VisibilityTimeout }) => [ReceiptHandle, VisibilityTimeout])).toEqual(
      Array.from({ length: 10 }, (_, index) => [`handle-${index}`, 0]),
    );
    expect([...calls(DeleteMessageCommand), ...calls(SendMessageCommand)]).toEqual([]);
  });
});

describe('a redrive', () => {
  const redrive = (body: unknown, queue = 'rows') =>
    request('redriveDeadLetters', { body: JSON.stringify(body), path: { queue } });

  test('sends every message back before it deletes it', async () => {
    queueHas(message(1), message(2));
    const { status, body } = await redrive({});
    expect([status, body]).toEqual([200, { sent: [LETTER, { ...LETTER, id: 'message-2' }], hasMore: false }]);
    const sent = sqs.calls().flatMap(({ args: [{ input }] }) => {
      const { MessageBody, ReceiptHandle, QueueUrl } = input as Record<string, string>;
      return MessageBody !== undefined
        ? [`send ${QueueUrl}`]
        : ReceiptHandle
          ? [`delete ${ReceiptHandle}`]
          : [];
    });
    expect(sent).toEqual(['send rows', 'delete handle-1', 'send rows', 'delete handle-2']);
  });

  test('sends those with the given ids, and leaves the others where they are seen', async () => {
    queueHas(message(1), message(2));
    const { body } = await redrive({ messages: ['message-2', 'unknown'] });
    expect((body.sent as { id: string }[]).map(({ id }) => id)).toEqual(['message-2']);
    expect(calls(DeleteMessageCommand).map(({ ReceiptHandle }) => ReceiptHandle)).toEqual(['handle-2']);
    expect(calls(ChangeMessageVisibilityBatchCommand)).toHaveLength(1);
  });

  test('of more than 200 messages says that there are more', async () => {
    queueHas(...Array.from({ length: 205 }, (_, index) => message(index)));
    const { body } = await redrive({});
    expect([(body.sent as object[]).length, body.hasMore]).toEqual([200, true]);
  });

  test.each([
    [404, 'not-found', {}, 'customers'],
    [400, 'body-invalid', { messages: [] }, 'rows'],
    [400, 'body-invalid', { message: 'x' }, 'rows'],
    [400, 'body-invalid', [], 'rows'],
  ])('answers %i %s for %j to %s', async (status, code, body, queue) => {
    const answer = await redrive(body, queue);
    expect([answer.status, answer.body.type]).toEqual([status, `urn:retail:problem:${code}`]);
    expect(calls(ReceiveMessageCommand)).toEqual([]);
  });
});
