import { randomUUID } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { SqsService } from '../../../../local/sqs/sqs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';
import { addFunction, allow, configOf, startGateway } from '../running-gateway.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';
const redrive = JSON.stringify({ deadLetterTargetArn: `${ARN}:dead`, maxReceiveCount: 2 });
const names = ['jobs', 'waiting', 'denied', 'crowded'];
const { engine } = openQueues(temporaryDir(), [
  modelQueue('dead'),
  ...names.map((name) => modelQueue(name)),
  modelQueue('failing', { RedrivePolicy: redrive, VisibilityTimeout: '77' }),
]);
afterAll(() => engine.close());
const metered: string[] = [];
const meter = {
  messagesReceived: (queue: string, count: number) => metered.push(`${queue} received ${count}`),
  messagesDeleted: (queue: string, count: number) => metered.push(`${queue} deleted ${count}`),
};
const gateway = await startGateway((access) => ({ sqs: new SqsService(engine, access, meter) }));
const operator = new SQSClient(configOf(gateway));
const urlOf = (name: string) => `${gateway.endpoint}/000000000000/${name}`;

async function send(name: string, MessageBody: string) {
  return operator.send(new SendMessageCommand({ QueueUrl: urlOf(name), MessageBody }));
}

async function receive(name: string, VisibilityTimeout?: number) {
  const request = { QueueUrl: urlOf(name), MaxNumberOfMessages: 10, VisibilityTimeout };
  const AttributeNames = { MessageSystemAttributeNames: ['All' as const] };
  return (await operator.send(new ReceiveMessageCommand({ ...request, ...AttributeNames }))).Messages ?? [];
}

describe('a message', () => {
  it('is received once while it is in flight, and never again after it is deleted', async () => {
    const { MessageId } = await send('jobs', '{"text":"ü"}');
    const [message, ...others] = await receive('jobs');
    expect(message).toMatchObject({ MessageId, Body: '{"text":"ü"}' });
    expect(message!.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(others).toEqual([]);
    expect(await receive('jobs')).toEqual([]);
    expect(Date.now() - engine.oldestSentAt('jobs')!).toBeLessThan(60_000);
    const Entries = [{ Id: '0', ReceiptHandle: message!.ReceiptHandle }];
    await operator.send(new DeleteMessageBatchCommand({ QueueUrl: urlOf('jobs'), Entries }));
    expect(metered).toEqual(['jobs received 1', 'jobs deleted 1']);
    expect(engine.oldestSentAt('jobs')).toBeUndefined();
    const AttributeNames = ['All' as const];
    const attributes = new GetQueueAttributesCommand({ QueueUrl: urlOf('jobs'), AttributeNames });
    expect((await operator.send(attributes)).Attributes).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
    });
  });

  it('is visible again as soon as its visibility timeout is set to zero', async () => {
    await send('waiting', 'x');
    const [{ ReceiptHandle } = {}] = await receive('waiting');
    await operator.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: urlOf('waiting'), ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [again] = await receive('waiting');
    expect(again!.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
  });

  it('goes to the dead-letter queue after too many receives', async () => {
    await send('failing', 'poison');
    for (let i = 0; i < 2; i++) expect(await receive('failing', 0)).toHaveLength(1);
    expect(await receive('failing', 0)).toEqual([]);
    expect(await receive('dead')).toMatchObject([{ Body: 'poison' }]);
  });

  it('arrives in no reliable order', async () => {
    const sent = Array.from({ length: 10 }, (_, i) => String(i));
    for (const body of sent) await send('crowded', body);
    const orders = [];
    for (let i = 0; i < 5; i++) orders.push((await receive('crowded', 0)).map(({ Body }) => Body!));
    for (const order of orders) expect([...order].sort()).toEqual(sent);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
  });
});

describe('a queue', () => {
  it('has the attributes of the template', async () => {
    const request = { QueueUrl: urlOf('failing'), AttributeNames: ['All' as const] };
    const { Attributes } = await operator.send(new GetQueueAttributesCommand(request));
    expect(Attributes).toMatchObject({ VisibilityTimeout: '77', QueueArn: `${ARN}:failing` });
    expect(JSON.parse(Attributes!.RedrivePolicy!)).toMatchObject({ maxReceiveCount: 2 });
  });

  it('that does not exist is an error', async () => {
    await expect(send('nothing', 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
  });

  it('refuses a message above 1 MiB', async () => {
    await expect(send('jobs', 'x'.repeat(1024 ** 2 + 1))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('comes only from the template: no caller may create one', async () => {
    const request = operator.send(new CreateQueueCommand({ QueueName: 'new' }));
    await expect(request).rejects.toThrow('does not support the SQS action "CreateQueue"');
  });
});

describe('a permission', () => {
  function clientWho(...statements: Parameters<typeof addFunction>[2]): SQSClient {
    const name = randomUUID();
    addFunction(gateway.access, name, statements);
    return new SQSClient(configOf(gateway, name));
  }
  const batch = new SendMessageBatchCommand({
    QueueUrl: urlOf('denied'),
    Entries: [{ Id: '0', MessageBody: 'x' }],
  });

  it('to send includes sending batches, and there is no separate one', async () => {
    const answer = await clientWho(allow('sqs:SendMessage', `${ARN}:denied`)).send(batch);
    expect(answer.Successful).toHaveLength(1);
    await expect(clientWho(allow('sqs:SendMessageBatch', '*')).send(batch)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`perform: sqs:SendMessage on resource: ${ARN}:denied`),
    });
  });

  it('is for one queue', async () => {
    const client = clientWho(allow('sqs:*', `${ARN}:jobs`));
    await expect(client.send(batch)).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
