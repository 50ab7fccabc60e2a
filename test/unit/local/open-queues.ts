import type { QueueModel } from '../../../local/assembly/readers/storage-readers.ts';
import { runAction } from '../../../local/sqs/actions.ts';
import { readQueueSettings } from '../../../local/sqs/queue-engine.ts';
import type { Parameters } from '../../../local/sqs/requests.ts';
import { SqliteQueueEngine } from '../../../local/sqs/sqlite-engine.ts';

const ARN = 'arn:aws:sqs:us-east-1:000000000000';

export function modelQueue(name: string, attributes: Record<string, string> = {}): QueueModel {
  return { name, arn: `${ARN}:${name}`, url: `http://127.0.0.1:1/000000000000/${name}`, attributes };
}

/** A message as ReceiveMessage returns it. */
export interface Received {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
  readonly Attributes: Record<string, string>;
}

/** Opens queues in a folder, for tests that call their actions without a gateway. */
export function openQueues(dir: string, models: readonly QueueModel[], maxInFlight?: number) {
  const engine = new SqliteQueueEngine(dir, readQueueSettings(models), maxInFlight);
  const call = async (action: string, queue: string, parameters: Parameters = {}) => {
    const QueueUrl = `http://127.0.0.1:1/000000000000/${queue}`;
    const answer = await runAction(engine, action, { QueueUrl, ...parameters });
    return answer as Record<string, unknown>;
  };
  const send = (queue: string, MessageBody: string, parameters: Parameters = {}) =>
    call('SendMessage', queue, { MessageBody, ...parameters });
  const receive = async (queue: string, parameters: Parameters = {}) => {
    const request = { MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'], ...parameters };
    return ((await call('ReceiveMessage', queue, request)).Messages ?? []) as Received[];
  };
  /** The numbers of visible messages, of those in flight and of delayed ones. */
  const counts = async (queue: string) => {
    const { Attributes } = await call('GetQueueAttributes', queue, { AttributeNames: ['All'] });
    const names = ['', 'NotVisible', 'Delayed'].map((end) => `ApproximateNumberOfMessages${end}`);
    return names.map((name) => Number((Attributes as Record<string, string>)[name]));
  };
  return { engine, call, send, receive, counts };
}
