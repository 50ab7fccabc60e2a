import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { API_PATH } from '../assembly/physical-names.ts';
import { isDiskFull } from '../disk-space.ts';
import { type AccessControl, AccessDeniedError } from '../iam/access-control.ts';
import type { AccessKeys } from '../iam/access-keys.ts';
import { authenticate } from './authenticate.ts';
import { CONTROL_PATH, type LocalControl } from './control.ts';
import { authenticateForm, isForm } from './form.ts';
import { refuseService } from './missing-service.ts';
import { findForeignOrigin } from './refuse-browsers.ts';
import type { RequestTarget, Service, ServiceRequest } from './service.ts';
import { readTarget, ServiceError } from './service.ts';
import { SIGN_IN_PATH, SignIn } from './sign-in.ts';
import { readSignature } from './signature.ts';

const HOST = '127.0.0.1';
const FULL = 'no space left on device: free some space for the data directory of the local cloud';

/** The signing names of the services (AWS general reference, "Service endpoints"). */
export type ServiceName =
  | 's3'
  | 'sqs'
  | 'rds-data'
  | 'secretsmanager'
  | 'cloudformation'
  | 'sts'
  | 'lambda'
  | 'logs'
  | 'events'
  | 'ses'
  | 'monitoring';

/** Serves the requests under `API_PATH`. */
export interface ApiServer {
  handle(incoming: IncomingMessage, url: RequestTarget, response: ServerResponse): Promise<void>;
  /** Answers the request for a WebSocket connection. */
  upgrade(incoming: IncomingMessage, url: RequestTarget, socket: Duplex, head: Buffer): Promise<void>;
}

/** Handles a call in place of its service. */
export type Intercept = (
  name: ServiceName,
  service: Service,
  request: ServiceRequest,
  response: ServerResponse,
) => Promise<void>;

/** Only APIs have WebSockets; elsewhere the offer of another protocol is ignored, as HTTP allows. */
function isForSocket({ url = '', headers }: IncomingMessage): boolean {
  return readTarget(url).pathname.startsWith(API_PATH) && headers.upgrade?.toLowerCase() === 'websocket';
}

/** The endpoint of the local cloud. The signature of a request proves the caller and names the service. */
export class Gateway {
  #server: Server;
  /** Requests that arrive while the services start wait for them. */
  #services = Promise.withResolvers<ReadonlyMap<string, Service>>();
  #apis = Promise.withResolvers<ApiServer>();
  #control = Promise.withResolvers<LocalControl>();
  #access: AccessControl;
  #keys: AccessKeys;
  #onFault: (error: Error) => void;
  /** Signs in the browsers that show pages of the APIs. */
  readonly signIn: SignIn;
  #call: Intercept = (_, service, request, response) => service.handle(request, response);

  /**
   * @param onFault receives errors of the local cloud itself
   * @param signInAdvice says how to get a link that signs a browser in
   */
  constructor(access: AccessControl, keys: AccessKeys, onFault: (error: Error) => void, signInAdvice = '') {
    this.signIn = new SignIn(keys, signInAdvice);
    this.#access = access;
    this.#keys = keys;
    this.#onFault = onFault;
    this.#server = createServer({ shouldUpgradeCallback: isForSocket }, (incoming, response) => {
      this.#answer(incoming, response).catch((error: Error) => {
        onFault(error);
        response.destroy();
      });
    });
    this.#server.on('upgrade', (incoming, socket, head) => {
      this.#upgrade(incoming, socket, head).catch((error: Error) => {
        onFault(error);
        socket.destroy();
      });
    });
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
    this.#services.resolve(new Map(Object.entries(services)));
  }

  serveControl(control: LocalControl): void {
    this.#control.resolve(control);
  }

  serveApis(apis: ApiServer): void {
    this.#apis.resolve(apis);
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
    const isApi = url.pathname.startsWith(API_PATH);
    const isSignIn = url.pathname === SIGN_IN_PATH;
    const isPage = isApi || isSignIn;
    // An object of S3 has the origin of the pages, and must not run in it.
    if (!isPage) response.setHeader('content-security-policy', 'sandbox');
    const foreign = findForeignOrigin(incoming, isPage);
    if (foreign !== undefined) {
      response.writeHead(403, { 'content-type': 'text/plain' });
      response.end(`The local cloud refuses this request: ${foreign}.\n`);
      return;
    }
    if (url.pathname.startsWith(CONTROL_PATH))
      return (await this.#control.promise).handle(incoming, url, response);
    if (isSignIn) return this.signIn.answer(incoming, url, response);
    if (isApi) return (await this.#apis.promise).handle(incoming, url, response);
    const signature = readSignature(incoming, url);
    const services = await this.#services.promise;
    const name = signature?.serviceName ?? (isForm(incoming) ? 's3' : undefined);
    if (name === undefined) {
      response.writeHead(400, { 'content-type': 'text/plain' });
      const names = [...services.keys()].join(', ');
      response.end(`This is the local cloud. It serves ${names} to requests with a Signature Version 4.\n`);
      return;
    }
    const service = services.get(name);
    if (service === undefined) {
      refuseService(name, services.keys(), incoming.headers, response);
      return;
    }
    const callers = { access: this.#access, keys: this.#keys };
    let request: ServiceRequest | undefined;
    try {
      request =
        signature === undefined
          ? await authenticateForm(incoming, url, callers)
          : await authenticate(incoming, url, signature, callers);
      await this.#call(name as ServiceName, service, request, response);
    } catch (error) {
      this.#writeError(service, response, error as Error);
    } finally {
      request?.form?.file.destroy();
    }
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.once('error', () => socket.destroy());
    const foreign = findForeignOrigin(incoming, true);
    if (foreign !== undefined || !isForSocket(incoming)) {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const apis = await this.#apis.promise;
    await apis.upgrade(incoming, readTarget(incoming.url ?? '/'), socket, head);
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
      // S3 answers with 503 when it cannot take a request now (S3 API reference, "Error responses").
      if (isDiskFull(error)) service.writeError(response, 'ServiceUnavailable', 503, FULL);
      else service.writeError(response, 'InternalFailure', 500, error.message);
    }
  }
}
