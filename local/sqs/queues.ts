import { ServiceError } from '../gateway/service-error.ts';
import type { Action, ActionCall } from './batches.ts';
import { MESSAGE_ACTIONS } from './message-actions.ts';
import { type Parameters, readNames, readString, refuseUnknown } from './parameters.ts';
import type { QueueEngine, QueueSettings } from './queue-engine.ts';

/** SQS API reference, "PurgeQueue": one purge of a queue in 60 seconds. */
const PURGE_PAUSE_MILLISECONDS = 60_000;

const COUNTS = [
  ['ApproximateNumberOfMessages', 'visible'],
  ['ApproximateNumberOfMessagesNotVisible', 'inFlight'],
  ['ApproximateNumberOfMessagesDelayed', 'delayed'],
] as const;

/** The queues of the template, and the SQS actions on them. Queues cannot be created or changed by a call. */
export class Queues {
  #queues: readonly QueueSettings[];
  #engine: QueueEngine;
  #purgedAt = new Map<string, number>();
  #queueActions: Readonly<Record<string, Action>> = {
    ...MESSAGE_ACTIONS,
    GetQueueAttributes: { parameters: ['AttributeNames'], run: describeQueue },
    PurgeQueue: { parameters: [], run: (call) => this.#purge(call) },
  };
  /** Actions without a QueueUrl. */
  #accountActions: Readonly<Record<string, (parameters: Parameters) => object>> = {
    GetQueueUrl: (parameters) => this.#getUrl(parameters),
    ListQueues: (parameters) => this.#list(parameters),
  };

  constructor(queues: readonly QueueSettings[], engine: QueueEngine) {
    this.#queues = queues;
    this.#engine = engine;
  }

  supports(action: string): boolean {
    return Object.hasOwn(this.#queueActions, action) || Object.hasOwn(this.#accountActions, action);
  }

  /**
   * @param signal ends a long poll whose caller has gone
   * @throws {ServiceError} with the code that SQS would give
   */
  async call(name: string, parameters: Parameters, signal?: AbortSignal): Promise<object> {
    const accountAction = this.#accountActions[name];
    if (accountAction !== undefined) return accountAction(parameters);
    const action = this.#queueActions[name]!;
    refuseUnknown(name, parameters, ['QueueUrl', ...action.parameters]);
    const queue = this.#find(readString(parameters, 'QueueUrl').split('/').at(-1)!);
    return action.run({ queue, engine: this.#engine, parameters, signal });
  }

  #find(queueName: string): QueueSettings {
    const queue = this.#queues.find(({ name }) => name === queueName);
    if (queue !== undefined) return queue;
    throw new ServiceError('QueueDoesNotExist', 400, 'The specified queue does not exist.');
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

  async #purge({ queue, engine }: ActionCall): Promise<object> {
    if (Date.now() - (this.#purgedAt.get(queue.name) ?? 0) < PURGE_PAUSE_MILLISECONDS) {
      const message = `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`;
      throw new ServiceError('PurgeQueueInProgress', 403, message);
    }
    this.#purgedAt.set(queue.name, Date.now());
    await engine.purge(queue.name);
    return {};
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
      400,
      `the local cloud does not support the attribute ${unknown}`,
    );
  }
  const names = wanted.includes('All') ? all : wanted.filter((name) => all.includes(name));
  const isCounted = COUNTS.some(([name]) => names.includes(name));
  const counts = isCounted ? await engine.count(queue.name) : undefined;
  for (const [name, count] of COUNTS) settings[name] = String(counts?.[count]);
  return { Attributes: Object.fromEntries(names.map((name) => [name, settings[name]])) };
}
