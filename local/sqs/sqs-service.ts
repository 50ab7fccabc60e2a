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
import type { QueueAction, QueueError, Queues } from './fauxqs.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.0';
/** A batch of 1 MiB, with every character of it escaped. */
const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

/** SQS as its JSON protocol speaks it. */
export class SqsService implements Service {
  #queues: Queues;
  #access: AccessControl;

  constructor(queues: Queues, access: AccessControl) {
    this.#queues = queues;
    this.#access = access;
  }

  async handle({ incoming, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const action = String(incoming.headers['x-amz-target'] ?? '').replace('AmazonSQS.', '');
    if (!this.#queues.knows(action)) {
      throw new ServiceError(
        'InvalidAction',
        400,
        `the local cloud does not know the SQS action "${action}"`,
      );
    }
    const body = JSON.parse((await readBody(incoming, MAX_REQUEST_BYTES)).toString()) as object;
    writeJson(response, CONTENT_TYPE, await this.call(caller, action, body));
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    writeJsonError(response, CONTENT_TYPE, `com.amazonaws.sqs#${code}`, status, message);
  }

  /** One call, after the caller's permission is checked. */
  async call(
    caller: Caller,
    action: QueueAction,
    body: { QueueUrl?: string; QueueName?: string },
  ): Promise<unknown> {
    const queueName = (body.QueueUrl ?? body.QueueName ?? '*').split('/').at(-1)!;
    // There is no permission of its own for a call in batches.
    const permission = `sqs:${action.replace(/Batch$/, '')}`;
    this.#access.authorize(caller, permission, queueArnOf(queueName));
    try {
      return await this.#queues.call(action, body);
    } catch (error) {
      const { code, statusCode, message } = error as QueueError;
      throw code === undefined || statusCode === undefined
        ? error
        : new ServiceError(code, statusCode, message);
    }
  }
}

function queueArnOf(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}
