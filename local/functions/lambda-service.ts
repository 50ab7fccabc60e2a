import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { arn } from '../assembly/physical-names.ts';
import type { EventSourceModel, FunctionModel } from '../assembly/readers/function-readers.ts';
import {
  JsonService,
  parseRequest,
  readBody,
  ServiceError,
  type ServiceRequest,
} from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { FunctionError } from './function-host.ts';

/** Lambda developer guide, "Lambda quotas": the payload of a synchronous invocation. */
const MAX_PAYLOAD_BYTES = 6 * 1024 ** 2;
const UPDATE_MAPPING = z.strictObject({ Enabled: z.boolean() });

/** The running functions and event source mappings. */
export interface LambdaRuntime {
  invoke(functionName: string, event: unknown): Promise<unknown>;
  setEnabled(mappingId: string, isEnabled: boolean): void;
}

interface LambdaProps {
  readonly functions: readonly FunctionModel[];
  readonly eventSources: readonly EventSourceModel[];
  readonly access: AccessControl;
}

/** Lambda's Invoke, and UpdateEventSourceMapping to stop and start a mapping until the end of the process. */
export class LambdaService extends JsonService {
  #props: LambdaProps;
  #runtime = Promise.withResolvers<LambdaRuntime>();

  constructor(props: LambdaProps) {
    super('application/json');
    this.#props = props;
  }

  /** Connects the service with the functions, as soon as they run. Earlier requests wait. */
  connect(runtime: LambdaRuntime): void {
    this.#runtime.resolve(runtime);
  }

  async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const { incoming, url } = request;
    const [, version, collection, id = '', action] = url.pathname.split('/');
    const route = [incoming.method, version, collection, action].join(' ').trim();
    const name = decodeURIComponentOf(id);
    if (route === 'POST 2015-03-31 functions invocations') {
      await this.#invoke(name, request, response);
    } else if (route === 'PUT 2015-03-31 event-source-mappings') {
      await this.#update(name, request, response);
    } else {
      const message = `the local cloud supports Invoke and UpdateEventSourceMapping, not ${incoming.method} ${url.pathname}`;
      throw new ServiceError('NotImplemented', message, 501);
    }
  }

  async #invoke(id: string, { incoming, url, body, caller }: ServiceRequest, response: ServerResponse) {
    const name = id.split(':').at(-1)!;
    const functionArn = arn('lambda', `function:${name}`);
    this.#props.access.authorize(caller, 'lambda:InvokeFunction', functionArn);
    const isKnown = this.#props.functions.some((fn) => id === fn.name || id === fn.arn);
    if (!isKnown) throw notFound(`Function not found: ${functionArn}`);
    const { 'x-amz-invocation-type': type = 'RequestResponse', 'x-amz-log-type': log = 'None' } =
      incoming.headers;
    const isPlain = incoming.headers['x-amz-client-context'] === undefined && url.search === '';
    if (type !== 'RequestResponse' || log !== 'None' || !isPlain) {
      const message = 'the local cloud invokes the newest version, waits for it, and returns no log';
      throw new ServiceError('NotImplemented', message, 501);
    }
    const event = readEvent(await readBody(body, MAX_PAYLOAD_BYTES));
    const { invoke } = await this.#runtime.promise;
    const headers = { 'x-amz-executed-version': '$LATEST' };
    try {
      const result = await invoke(name, event);
      response.writeHead(200, headers).end(JSON.stringify(result ?? null));
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      response.writeHead(200, { ...headers, 'x-amz-function-error': 'Unhandled' });
      response.end(JSON.stringify({ errorMessage: error.message, errorType: error.name }));
    }
  }

  async #update(id: string, { body, caller }: ServiceRequest, response: ServerResponse) {
    const mappingArn = arn('lambda', `event-source-mapping:${id}`);
    this.#props.access.authorize(caller, 'lambda:UpdateEventSourceMapping', mappingArn);
    const source = this.#props.eventSources.find((model) => model.id === id);
    if (source === undefined) throw notFound('The resource you requested does not exist.');
    const json = await readBody(body, MAX_PAYLOAD_BYTES);
    const { Enabled } = parseRequest(UPDATE_MAPPING, json, 'InvalidParameterValueException');
    (await this.#runtime.promise).setEnabled(id, Enabled);
    const answer = {
      UUID: id,
      BatchSize: source.batchSize,
      EventSourceArn: source.queueArn,
      FunctionArn: arn('lambda', `function:${source.functionName}`),
      State: Enabled ? 'Enabled' : 'Disabled',
    };
    response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}

function notFound(message: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', message, 404);
}

function decodeURIComponentOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidParameterValueException', `${text} is not a name`);
  }
}

/** Reads the event of an invocation. Without a payload, it is empty. */
function readEvent(payload: string): unknown {
  if (payload === '') return {};
  try {
    return JSON.parse(payload);
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new ServiceError('InvalidRequestContentException', message);
  }
}
