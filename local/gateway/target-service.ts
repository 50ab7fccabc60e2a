import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Caller } from '../iam/principals.ts';
import { JsonService, parseRequest, readBody, ServiceError, type ServiceRequest } from './service.ts';

/** Above the limit of every action, which the action checks. */
const MAX_REQUEST_BYTES = 1_048_576;

/** Answers one action; the argument is the request's body. */
export type TargetAction = (json: string, caller: Caller) => Promise<object> | object;

/** Makes an action of its request's schema. */
export function targetAction<Schema extends z.ZodType>(
  schema: Schema,
  run: (body: z.infer<Schema>, caller: Caller) => Promise<object> | object,
): TargetAction {
  return (json, caller) => run(parseRequest(schema, json, 'InvalidParameterException'), caller);
}

/** A service with JSON in requests and answers, whose header `X-Amz-Target` names the action. */
export class TargetService extends JsonService {
  #actions: Readonly<Record<string, TargetAction>>;

  constructor(actions: Readonly<Record<string, TargetAction>>, contentType = 'application/x-amz-json-1.1') {
    super(contentType);
    this.#actions = actions;
  }

  async handle({ incoming, body, caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    const name = String(incoming.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1)!;
    const action = Object.hasOwn(this.#actions, name) ? this.#actions[name] : undefined;
    if (action === undefined) {
      const names = Object.keys(this.#actions).join(', ');
      const message = `the local cloud does not support the action "${name}", but ${names}`;
      throw new ServiceError('NotImplemented', message, 501);
    }
    this.writeAnswer(response, await action(await readBody(body, MAX_REQUEST_BYTES), caller));
  }
}
