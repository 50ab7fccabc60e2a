import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ApiModel, RouteModel } from '../assembly/readers/api-readers.ts';
import type { RequestTarget } from '../gateway/service.ts';
import { type FunctionCaller, IntegrationTimeoutError } from './call-function.ts';
import { authorizeConnection } from './connect-authorizer.ts';
import { FrameMeter, isBinary } from './frame-meter.ts';
import { forbidden, HttpError, internalError, tooManyRequests } from './http-error.ts';
import { type ConnectionFacts, createContext, describeRequest } from './socket-event.ts';
import { Throttle } from './throttle.ts';

export interface SocketLimits {
  readonly frameBytes: number;
  readonly messageBytes: number;
  readonly idleMilliseconds: number;
  readonly lifeMilliseconds: number;
}

/** API Gateway developer guide, "Quotas for configuring and running a WebSocket API". */
const LIMITS: SocketLimits = {
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleMilliseconds: 10 * 60_000,
  lifeMilliseconds: 2 * 3_600_000,
};
/** Codes of RFC 6455, section 7.4.1. API Gateway developer guide, "Invoke your backend integration …", names 1003 and 1009. */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
const TOO_BIG = 1009;

interface WebSocketApiProps {
  readonly model: ApiModel;
  readonly functions: FunctionCaller;
  /** Receives errors of functions, which their callers do not see. */
  readonly onProblem: (problem: Error) => void;
  readonly limits: SocketLimits | undefined;
}

/** A connection that is open, and what its events have. */
interface Connection {
  readonly socket: WebSocket;
  readonly facts: ConnectionFacts;
  readonly authorizer: object | undefined;
  readonly throttle: Throttle;
}

/** A WebSocket API with its stages. */
export class WebSocketApi {
  #props: WebSocketApiProps;
  #limits: SocketLimits;
  #throttles: Map<string, Throttle>;
  #server: WebSocketServer;

  constructor(props: WebSocketApiProps) {
    this.#props = props;
    this.#limits = props.limits ?? LIMITS;
    this.#throttles = new Map(props.model.stages.map((stage) => [stage.name, new Throttle(stage)]));
    // API Gateway does not compress.
    const options = { noServer: true, perMessageDeflate: false, maxPayload: this.#limits.messageBytes };
    this.#server = new WebSocketServer(options);
  }

  /** @throws {HttpError} if the connection is refused */
  async connect(
    incoming: IncomingMessage,
    { searchParams: query }: RequestTarget,
    stage: string,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const { model, functions } = this.#props;
    const throttle = this.#throttles.get(stage);
    if (throttle === undefined) throw forbidden('the API has no such stage');
    if (!throttle.take()) throw tooManyRequests();
    const facts: ConnectionFacts = {
      apiId: model.id,
      stage,
      connectionId: randomBytes(11).toString('base64'),
      connectedAt: Date.now(),
      host: incoming.headers.host ?? '',
      userAgent: incoming.headers['user-agent'] ?? '',
    };
    const route = model.routes.find(({ key }) => key === '$connect');
    let authorizer: object | undefined;
    if (route !== undefined) {
      const requestContext = createContext(facts, 'CONNECT', route.key);
      const event = { ...describeRequest(incoming, query), requestContext, isBase64Encoded: false };
      if (route.authorizer?.kind === 'function') {
        const connection = { apiId: model.id, stage, event, query };
        authorizer = await authorizeConnection(functions, route.authorizer, connection).catch(
          (error: Error) => this.#report(error),
        );
      }
      const whole = { ...event, requestContext: { ...requestContext, ...authorized(authorizer) } };
      await this.#open(route, stage, whole);
    }
    if (socket.destroyed) return;
    const meter = new FrameMeter();
    this.#server.handleUpgrade(incoming, socket, head, (opened) => {
      this.#serve({ socket: opened, facts, authorizer, throttle }, socket, meter);
    });
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
    this.#server.close();
  }

  /** Calls the function of `$connect`, which can refuse the connection with its status. */
  async #open(route: RouteModel, stage: string, event: object): Promise<void> {
    const { model, functions } = this.#props;
    const call = { ...route, source: `${stage}/${route.key}` };
    const result = await functions
      .call(model.id, call, event)
      .catch((error: Error) => this.#report(internalError(error.message)));
    const status = Number(Object(result).statusCode);
    if (status >= 200 && status < 300) return;
    if (status >= 400 && status < 500) throw new HttpError(status, 'Refused', 'the function of $connect');
    this.#report(internalError(`the function of $connect answered with the status ${status}`));
  }

  #report(error: Error): never {
    if (!(error instanceof HttpError) || error.status >= 500) this.#props.onProblem(error);
    throw error;
  }

  #serve(connection: Connection, raw: Duplex, meter: FrameMeter): void {
    const { socket } = connection;
    const { frameBytes, idleMilliseconds, lifeMilliseconds } = this.#limits;
    const leave = () => socket.close(GOING_AWAY, 'Going away');
    const idle = setTimeout(leave, idleMilliseconds);
    const life = setTimeout(leave, lifeMilliseconds);
    // Before the listener of `ws`: a message is not delivered when one of its frames is too long.
    raw.prependListener('data', (bytes: Buffer) => {
      for (const frame of meter.read(bytes)) {
        if (frame.bytes > frameBytes) socket.close(TOO_BIG, 'Frame is too long');
        else if (isBinary(frame)) socket.close(UNSUPPORTED_DATA, 'Binary is not supported');
      }
    });
    socket.on('message', (data) => {
      if (socket.readyState !== socket.OPEN) return;
      idle.refresh();
      this.#answer(connection, data.toString()).then((answer) => {
        if (answer === undefined || socket.readyState !== socket.OPEN) return;
        idle.refresh();
        socket.send(answer);
      }, this.#props.onProblem);
    });
    // `ws` closes the connection with the code of the error.
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(idle);
      clearTimeout(life);
    });
  }

  /** @returns what the caller receives, if anything */
  async #answer({ facts, authorizer, throttle }: Connection, body: string): Promise<string | undefined> {
    const { model, functions, onProblem } = this.#props;
    const key = selectRoute(body);
    const route =
      model.routes.find((each) => each.key === key) ?? model.routes.find((each) => each.key === '$default');
    const context = createContext(facts, 'MESSAGE', route?.key ?? '$default');
    const { connectionId, requestId } = context;
    const fail = (message: string) => JSON.stringify({ message, connectionId, requestId });
    if (!throttle.take()) return fail('Too Many Requests');
    if (route === undefined) return fail('Forbidden');
    const requestContext = { ...context, ...authorized(authorizer) };
    const event = { requestContext, body, isBase64Encoded: false };
    try {
      const call = { ...route, source: `${facts.stage}/${route.key}` };
      const result = await functions.call(model.id, call, event);
      const answer = (Object(result) as { body?: unknown }).body;
      if (!route.isTwoWay || answer === undefined || answer === null) return undefined;
      if (typeof answer !== 'string') throw new Error('the body of the answer is not a string');
      if (Buffer.byteLength(answer) <= this.#limits.messageBytes) return answer;
      throw new Error(`the answer is longer than ${this.#limits.messageBytes} bytes`);
    } catch (error) {
      onProblem(error as Error);
      const isLate = error instanceof IntegrationTimeoutError;
      return fail(isLate ? 'Endpoint request timed out' : 'Internal server error');
    }
  }
}

function authorized(authorizer: object | undefined): object {
  return authorizer === undefined ? {} : { authorizer };
}

/** Evaluates `$request.body.action`. Messages that are not JSON go to `$default`. */
function selectRoute(body: string): string | undefined {
  try {
    const { action } = Object(JSON.parse(body)) as { action?: unknown };
    return typeof action === 'string' && !action.startsWith('$') ? action : undefined;
  } catch {
    return undefined;
  }
}
