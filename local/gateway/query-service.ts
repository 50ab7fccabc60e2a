import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { readBody, type Service, ServiceError, type ServiceRequest } from './service.ts';
import { writeXml, type XmlTree } from './xml.ts';

const CONTENT_TYPE = { 'content-type': 'text/xml' };
const MAX_REQUEST_BYTES = 65_536;

export interface QueryAction {
  /** Supported parameters; any other is refused. */
  readonly parameters: readonly string[];
  /** @returns the result of the action, which is authorized before */
  run(parameters: URLSearchParams, request: ServiceRequest): XmlTree;
}

/** A service with the Query protocol: a form in the request, and XML in the answer. */
export class QueryService implements Service {
  #namespace: string;
  #actions: Readonly<Record<string, QueryAction>>;

  /** @param namespace of the service's API */
  constructor(namespace: string, actions: Readonly<Record<string, QueryAction>>) {
    this.#namespace = namespace;
    this.#actions = actions;
  }

  async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const parameters = new URLSearchParams(await readBody(request.body, MAX_REQUEST_BYTES));
    const name = parameters.get('Action') ?? '';
    const action = Object.hasOwn(this.#actions, name) ? this.#actions[name] : undefined;
    const known = ['Action', 'Version', ...(action?.parameters ?? [])];
    const unknown = [...parameters.keys()].find((parameter) => !known.includes(parameter));
    if (action === undefined || unknown !== undefined) {
      const names = Object.keys(this.#actions).join(', ');
      const what = action === undefined ? `the action "${name}", but ${names}` : `${name}'s ${unknown}`;
      throw new ServiceError('InvalidAction', `the local cloud does not support ${what}`);
    }
    const answer = {
      [`${name}Result`]: action.run(parameters, request),
      ResponseMetadata: { RequestId: randomUUID() },
    };
    response.writeHead(200, CONTENT_TYPE).end(writeXml(`${name}Response`, answer, this.#namespace));
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    writeQueryError(response, { code, status, message }, this.#namespace);
  }
}

/** Writes an error as services with the Query protocol do. */
export function writeQueryError(
  response: ServerResponse,
  { code: Code, status, message: Message }: Pick<ServiceError, 'code' | 'status' | 'message'>,
  namespace?: string,
): void {
  const Type = status < 500 ? 'Sender' : 'Receiver';
  const tree = { Error: { Type, Code, Message }, RequestId: randomUUID() };
  response.writeHead(status, CONTENT_TYPE).end(writeXml('ErrorResponse', tree, namespace));
}
