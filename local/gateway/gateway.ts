import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AccessControl, AccessDeniedError } from '../iam/access-control.ts';
import type { Service, ServiceRequest } from './service.ts';
import { readTarget, ServiceError } from './service.ts';

const HOST = '127.0.0.1';

/** The signing names of the services (AWS general reference, "Service endpoints"). */
export type ServiceName = 's3' | 'sqs' | 'rds-data' | 'secretsmanager' | 'cloudformation';

/** Handles a call in place of its service. */
export type Intercept = (
  name: ServiceName,
  service: Service,
  request: ServiceRequest,
  response: ServerResponse,
) => Promise<void>;

/** The endpoint of the local cloud. The access key identifies the caller, and the signature the service. */
export class Gateway {
  #server: Server;
  #services: ReadonlyMap<string, Service> = new Map();
  #access: AccessControl;
  #onFault: (error: Error) => void;
  #call: Intercept = (_, service, request, response) => service.handle(request, response);

  /** @param onFault receives errors of the local cloud itself */
  constructor(access: AccessControl, onFault: (error: Error) => void) {
    this.#access = access;
    this.#onFault = onFault;
    this.#server = createServer((incoming, response) => void this.#answer(incoming, response));
    // AWS does not limit the duration of an upload either.
    this.#server.requestTimeout = 0;
  }

  /** @returns the endpoint's URL @throws {Error} if the port is taken */
  async listen(port: number): Promise<string> {
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      throw new Error(`port ${port} is taken: choose another with --port, or 0 for any`, { cause: error });
    });
    return `http://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  serve(services: Partial<Record<ServiceName, Service>>): void {
    this.#services = new Map(Object.entries(services));
  }

  /** Lets another handler see every call before its service. */
  intercept(call: Intercept): void {
    this.#call = call;
  }

  async close(): Promise<void> {
    const closed = this.#server[Symbol.asyncDispose]();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-amz-request-id', randomUUID());
    const url = readTarget(incoming.url ?? '/');
    const { accessKey, region, serviceName } = readCredential(incoming);
    const service = this.#services.get(serviceName);
    if (service === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' });
      response.end(
        `This is the local cloud. It serves ${[...this.#services.keys()].join(', ')} to signed requests.\n`,
      );
      return;
    }
    try {
      const caller = this.#access.findCaller(accessKey);
      if (caller === undefined) {
        const message = `The AWS access key "${accessKey}" does not exist here: use "operator".`;
        throw new ServiceError('InvalidAccessKeyId', message, 403);
      }
      await this.#call(serviceName as ServiceName, service, { incoming, url, region, caller }, response);
    } catch (error) {
      this.#writeError(service, response, error as Error);
    }
  }

  #writeError(service: Service, response: ServerResponse, error: Error): void {
    if (response.headersSent || response.destroyed) {
      response.destroy();
    } else if (error instanceof AccessDeniedError) {
      service.writeError(response, 'AccessDenied', 403, error.message);
    } else if (error instanceof ServiceError) {
      service.writeError(response, error.code, error.status, error.message);
    } else {
      this.#onFault(error);
      service.writeError(response, 'InternalFailure', 500, error.message);
    }
  }
}

/** `AWS4-HMAC-SHA256 Credential=<access key>/<date>/<region>/<service>/aws4_request, …` */
function readCredential({ headers }: IncomingMessage) {
  const [, credential = ''] = /Credential=([^,\s]+)/.exec(headers.authorization ?? '') ?? [];
  const [accessKey = '', , region = '', serviceName = ''] = credential.split('/');
  return { accessKey, region, serviceName };
}
