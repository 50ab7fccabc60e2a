import type { ServerResponse } from 'node:http';
import { ACCOUNT, REGION } from '../assembly/template.ts';
import { JsonService, readBody, ServiceError, type ServiceRequest } from '../gateway/service.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import { MESSAGE_ACTIONS } from './message-actions.ts';
import type { QueueEngine, QueueSettings } from './queue-engine.ts';
import type { Action, ActionCall } from './requests.ts';
import { type Parameters, readNames, readString, refuseUnknown } from './requests.ts';

/** Holds a batch of 1 MiB in which every character is escaped. */
const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

/** SQS in its JSON protocol. */
export class SqsService extends JsonService {
  #queues: Queues;
  #access: AccessControl;

  constructor(queues: Queues, access: AccessControl) {
    super('application/x-amz-json-1.0', 'com.amazonaws.sqs#');
    this.#queues = queues;
    this.#access = access;
  }

  async handle({ incoming, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
    const body = JSON.parse((await readBody(incoming, MAX_REQUEST_BYTES)).toString()) as Parameters;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    this.writeAnswer(response, await this.call(caller, action, body, gone.signal));
  }

  /** Carries out one call that the caller's policies allow. */
  async call(caller: Caller, action: string, parameters: Parameters, signal?: AbortSignal): Promise<object> {
    const { QueueUrl, QueueName = '*' } = parameters;
    const queueName = String(QueueUrl ?? QueueName)
      .split('/')
      .at(-1)!;
    // IAM has no actions for calls in batches.
    const permission = `sqs:${action.replace(/Batch$/, '')}`;
    this.#access.authorize(caller, permission, `arn:aws:sqs:${REGION}:${ACCOUNT}:${queueName}`);
    return this.#queues.call(action, parameters, signal);
  }
}

const COUNTS = [
  ['ApproximateNumberOfMessages', 'visible'],
  ['ApproximateNumberOfMessagesNotVisible', 'inFlight'],
  ['ApproximateNumberOfMessagesDelayed', 'delayed'],
] as const;

const QUEUE_ACTIONS: Readonly<Record<string, Action>> = {
  ...MESSAGE_ACTIONS,
  GetQueueAttributes: { parameters: ['AttributeNames'], run: describeQueue },
};

/** The queues of the template, and the SQS actions on them. Queues cannot be created or changed by a call. */
export class Queues {
  #queues: readonly QueueSettings[];
  #engine: QueueEngine;
  /** Actions without a QueueUrl. */
  #accountActions: Readonly<Record<string, (parameters: Parameters) => object>> = {
    GetQueueUrl: (parameters) => this.#getUrl(parameters),
    ListQueues: (parameters) => this.#list(parameters),
  };

  constructor(queues: readonly QueueSettings[], engine: QueueEngine) {
    this.#queues = queues;
    this.#engine = engine;
  }

  /**
   * @param signal ends a long poll whose caller has gone
   * @throws {ServiceError} with the code that SQS would give
   */
  async call(name: string, parameters: Parameters, signal?: AbortSignal): Promise<object> {
    if (Object.hasOwn(this.#accountActions, name)) return this.#accountActions[name]!(parameters);
    const action = Object.hasOwn(QUEUE_ACTIONS, name) ? QUEUE_ACTIONS[name] : undefined;
    if (action === undefined) {
      throw new ServiceError('InvalidAction', `the local cloud does not support the SQS action "${name}"`);
    }
    refuseUnknown(name, parameters, ['QueueUrl', ...action.parameters]);
    const queue = this.#find(readString(parameters, 'QueueUrl').split('/').at(-1)!);
    return action.run({ queue, engine: this.#engine, parameters, signal });
  }

  #find(queueName: string): QueueSettings {
    const queue = this.#queues.find(({ name }) => name === queueName);
    if (queue !== undefined) return queue;
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  }

  #getUrl(parameters: Parameters): object {
    refuseUnknown('GetQueueUrl', parameters, ['QueueName']);
    return { QueueUrl: this.#find(readString(parameters, 'QueueName')).url };
  }

  #list(parameters: Parameters): object {
    refuseUnknown('ListQueues', parameters, ['QueueNamePrefix']);
    const { QueueNamePrefix: prefix = '' } = parameters;
    const queues = this.#queues.filter(({ name }) => name.startsWith(String(prefix)));
    return { QueueUrls: queues.map(({ url }) => url) };
  }
}

async function describeQueue({ queue, engine, parameters }: ActionCall): Promise<object> {
  const wanted = readNames(parameters, 'AttributeNames');
  const settings: Record<string, string> = {
    QueueArn: queue.arn,
    ...Object.fromEntries(Object.entries(queue.numbers).map(([name, value]) => [name, String(value)])),
    ...(queue.redrive && { RedrivePolicy: JSON.stringify(queue.redrive) }),
  };
  const all = [...Object.keys(settings), ...COUNTS.map(([name]) => name)];
  const unknown = wanted.find((name) => name !== 'All' && !all.includes(name));
  if (unknown !== undefined && unknown !== 'RedrivePolicy') {
    throw new ServiceError(
      'InvalidAttributeName',
      `the local cloud does not support the attribute ${unknown}`,
    );
  }
  const names = wanted.includes('All') ? all : wanted.filter((name) => all.includes(name));
  const isCounted = COUNTS.some(([name]) => names.includes(name));
  const counts = isCounted ? await engine.count(queue.name) : undefined;
  for (const [name, count] of COUNTS) settings[name] = String(counts?.[count]);
  return { Attributes: Object.fromEntries(names.map((name) => [name, settings[name]])) };
}
