import type { ServerResponse } from 'node:http';
import { ACCOUNT, REGION } from '../assembly/template.ts';
import {
  readBody,
  type Service,
  type ServiceRequest,
  writeJson,
  writeJsonError,
} from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import type { Parameters } from './parameters.ts';
import type { Queues } from './queues.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** Holds a batch of 1 MiB in which every character is escaped. */
const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

/** SQS in its JSON protocol. */
export class SqsService implements Service {
  #queues: Queues;
  #access: AccessControl;

  constructor(queues: Queues, access: AccessControl) {
    this.#queues = queues;
    this.#access = access;
  }

  async handle({ incoming, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
    if (!this.#queues.supports(action)) {
      throw new ServiceError(
        'InvalidAction',
        400,
        `the local cloud does not support the SQS action "${action}"`,
      );
    }
    const body = JSON.parse((await readBody(incoming, MAX_REQUEST_BYTES)).toString()) as Parameters;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    writeJson(response, CONTENT_TYPE, await this.call(caller, action, body, gone.signal));
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    writeJsonError(response, CONTENT_TYPE, `com.amazonaws.sqs#${code}`, status, message);
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
