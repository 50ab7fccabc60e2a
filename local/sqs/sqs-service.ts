import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import {
  JsonService,
  parseRequest,
  readBody,
  ServiceError,
  type ServiceRequest,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Caller } from '../iam/principals.ts';
import { readQueueName, runAction } from './actions.ts';
import type { QueueEngine } from './queue-engine.ts';
import { type Parameters, readString, refuseUnknown } from './requests.ts';

/** Holds a batch of 1 MiB in which every character is escaped. */
const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

/** Lists in the answers of actions. */
interface Answer {
  readonly Messages?: readonly unknown[];
  readonly Successful?: readonly unknown[];
}

/** Counts the messages that callers receive and delete. */
export interface QueueMeter {
  messagesReceived(queueName: string, count: number): void;
  messagesDeleted(queueName: string, count: number): void;
}

/** Each action checks its own parameters. */
const REQUEST = z.record(z.string(), z.unknown());

/** SQS in its JSON protocol. The queues are those of the template: a call cannot create or change one. */
export class SqsService extends JsonService {
  #engine: QueueEngine;
  #access: AccessControl;
  #meter: QueueMeter | undefined;

  constructor(engine: QueueEngine, access: AccessControl, meter?: QueueMeter) {
    super('application/x-amz-json-1.0', 'com.amazonaws.sqs#');
    this.#engine = engine;
    this.#access = access;
    this.#meter = meter;
  }

  async handle({ incoming, body: payload, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
    const body = parseRequest(REQUEST, await readBody(payload, MAX_REQUEST_BYTES), 'SerializationException');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    this.writeAnswer(response, await this.call(caller, action, body, gone.signal));
  }

  /** Carries out one call that the caller's policies allow. */
  async call(caller: Caller, action: string, parameters: Parameters, signal?: AbortSignal): Promise<object> {
    if (action === 'ListQueues') return this.#list(caller, parameters);
    if (action === 'GetQueueUrl') return this.#findUrl(caller, parameters);
    const queueName = readQueueName(parameters.QueueUrl);
    // IAM has no actions for calls in batches.
    const permission = `sqs:${action.replace(/Batch$/, '')}`;
    this.#access.authorize(caller, permission, arn('sqs', queueName));
    const answer = await runAction(this.#engine, action, parameters, signal);
    this.#count(action, queueName, answer);
    return answer;
  }

  #count(action: string, queueName: string, answer: Answer): void {
    const { Messages = [], Successful = [] } = answer;
    if (Messages.length > 0) this.#meter?.messagesReceived(queueName, Messages.length);
    const deleted = { DeleteMessage: 1, DeleteMessageBatch: Successful.length }[action] ?? 0;
    if (deleted > 0) this.#meter?.messagesDeleted(queueName, deleted);
  }

  /** ListQueues: all queues are in one page. */
  #list(caller: Caller, parameters: Parameters): object {
    this.#access.authorize(caller, 'sqs:ListQueues', '*');
    refuseUnknown('ListQueues', parameters, ['QueueNamePrefix']);
    const { QueueNamePrefix } = parameters;
    const prefix = QueueNamePrefix === undefined ? '' : readString(parameters, 'QueueNamePrefix');
    const found = this.#engine.queues.filter(({ name }) => name.startsWith(prefix));
    return found.length === 0 ? {} : { QueueUrls: found.map(({ url }) => url) };
  }

  #findUrl(caller: Caller, parameters: Parameters): object {
    const name = readString(parameters, 'QueueName');
    this.#access.authorize(caller, 'sqs:GetQueueUrl', arn('sqs', name));
    refuseUnknown('GetQueueUrl', parameters, ['QueueName']);
    const queue = this.#engine.queues.find((known) => known.name === name);
    if (queue !== undefined) return { QueueUrl: queue.url };
    throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
  }
}
