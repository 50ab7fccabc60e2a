import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApiModel } from '../assembly/readers/api-readers.ts';
import type { FunctionHost } from '../functions/function-host.ts';
import type { Authenticate } from '../gateway/authenticate.ts';
import type { ApiServer } from '../gateway/gateway.ts';
import type { RequestTarget } from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { FunctionCaller } from './call-function.ts';
import { HttpApi } from './http-api.ts';
import { forbidden, HttpError, notFound } from './http-error.ts';
import { type SocketLimits, WebSocketApi } from './web-socket-api.ts';

interface ApiGatewayProps {
  readonly apis: readonly ApiModel[];
  readonly hosts: readonly FunctionHost[];
  readonly access: AccessControl;
  readonly authenticate: Authenticate;
  readonly onProblem: (problem: Error) => void;
  /** @default those of API Gateway */
  readonly socketLimits?: SocketLimits;
}

/** The APIs of the template, each at `/_api/<id>`. */
export class ApiGateway implements ApiServer {
  #functions: FunctionCaller;
  #http = new Map<string, HttpApi>();
  #sockets = new Map<string, WebSocketApi>();

  constructor({ apis, hosts, socketLimits, ...props }: ApiGatewayProps) {
    const functions = new FunctionCaller(props.access, hosts);
    this.#functions = functions;
    for (const model of apis) {
      if (model.protocol === 'HTTP') this.#http.set(model.id, new HttpApi({ model, functions, ...props }));
      else
        this.#sockets.set(model.id, new WebSocketApi({ model, functions, limits: socketLimits, ...props }));
    }
  }

  async handle(incoming: IncomingMessage, url: RequestTarget, response: ServerResponse): Promise<void> {
    const { id, path } = readApiPath(url);
    const api = this.#http.get(id);
    if (api !== undefined) return api.handle(incoming, url, path, response);
    const error = this.#sockets.has(id) ? forbidden('this API takes WebSocket connections') : notFound();
    incoming.resume();
    response.writeHead(error.status, { 'content-type': 'application/json' }).end(error.body);
  }

  async upgrade(incoming: IncomingMessage, url: RequestTarget, socket: Duplex, head: Buffer): Promise<void> {
    const { id, path } = readApiPath(url);
    try {
      const api = this.#sockets.get(id);
      if (api === undefined) throw forbidden('this API takes no WebSocket connections');
      await api.connect(incoming, url, path.slice(1), socket, head);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      refuseConnection(socket, error);
    }
  }

  close(): void {
    this.#functions.close();
    for (const api of this.#sockets.values()) api.close();
  }
}

function readApiPath({ pathname }: RequestTarget): { id: string; path: string } {
  const [, id = '', path = ''] = /^\/_api\/([^/]*)(.*)$/s.exec(pathname) ?? [];
  return { id, path };
}

function refuseConnection(socket: Duplex, { status, message, body }: HttpError): void {
  const headers = [
    `HTTP/1.1 ${status} ${message}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
