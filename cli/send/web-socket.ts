import { once } from 'node:events';
import { WebSocket } from 'ws';
import { TICKET_PARAMETER } from '../../lambdas/shared/api-routes.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { type CallAnswer, type Caller, PassingError, type Patience, retryPassing } from './caller.ts';
import type { CallLimits, Line } from './group-lines.ts';
import type { HttpApi } from './http-api.ts';

/** Below 128 KB for a message, with the members beside its items (API Gateway developer guide, "Quotas"). */
const LIMITS: CallLimits = {
  items: 1_000,
  bytes: 120_000,
  measure: (text) => Buffer.byteLength(toItem(text)),
};
/** Below 32 KB for a frame. */
const FRAME_BYTES = 32_000;
/** Below the 10 minutes after which API Gateway closes a connection without messages. */
const PING_MILLISECONDS = 5 * 60_000;
/** Below the 2 hours that API Gateway keeps a connection. */
const MAX_AGE_MILLISECONDS = 110 * 60_000;
/** Longer than the 30 seconds that API Gateway waits for a function. */
const TIMEOUT_MILLISECONDS = 40_000;
const PASSING_CODES = ['unavailable', 'internal-error'];

interface Ticket {
  readonly url: string;
  readonly ticket: string;
}

/** A message of the API, or of API Gateway itself, which has none of these members. */
type Message = Partial<CallAnswer> & {
  readonly id?: string;
  readonly action?: 'pong';
  readonly error?: { readonly code: string; readonly message: string };
};

/** Lifetimes of connections, which tests shorten. */
export interface Times {
  readonly pingMilliseconds?: number;
  readonly maxAgeMilliseconds?: number;
}

/** Sends each call as one message over a connection, and again over another one until it is acknowledged. */
export class WebSocketCaller implements Caller {
  readonly limits = LIMITS;
  readonly #api: HttpApi;
  readonly #patience: Patience;
  readonly #times: Times;
  #connection: Promise<Connection> | undefined;
  #calls = 0;

  constructor(api: HttpApi, patience: Patience, times: Times = {}) {
    this.#api = api;
    this.#patience = patience;
    this.#times = times;
  }

  send(lines: readonly Line[]): Promise<CallAnswer> {
    const id = String(++this.#calls);
    const items = lines.map(({ text }) => toItem(text)).join(',');
    const message = `{"action":"transactions","id":"${id}","items":[${items}]}`;
    return retryPassing(async () => (await this.#connect()).call(id, message), this.#patience);
  }

  close(): void {
    void this.#connection?.then((connection) => connection.closeWhenIdle()).catch(() => undefined);
  }

  /** Returns the connection, which all calls share, or opens one. */
  #connect(): Promise<Connection> {
    if (this.#connection !== undefined) return this.#connection;
    const opening = this.#open(() => {
      if (this.#connection === opening) this.#connection = undefined;
    });
    this.#connection = opening;
    return opening;
  }

  /** @param forget called when the next call needs another connection */
  async #open(forget: () => void): Promise<Connection> {
    try {
      const { url, ticket } = await this.#api.post<Ticket>('createTicket', {
        type: 'application/json',
        text: '',
      });
      const socket = new WebSocket(`${url}?${TICKET_PARAMETER}=${encodeURIComponent(ticket)}`, {
        handshakeTimeout: TIMEOUT_MILLISECONDS,
      });
      await once(socket, 'open').catch((cause: Error) => {
        throw new PassingError(`the WebSocket API at ${url} refused the connection (${cause.message})`, {
          cause,
        });
      });
      return new Connection(socket, forget, this.#times);
    } catch (error) {
      forget();
      throw error;
    }
  }
}

/** Writes a line as an item of a message. One that is not JSON becomes a string, whose text the API judges as a line. */
function toItem(line: string): string {
  try {
    return typeof JSON.parse(line) === 'string' ? JSON.stringify(line) : line;
  } catch {
    return JSON.stringify(line);
  }
}

/** An open connection with the calls that are not acknowledged yet. */
class Connection {
  readonly #socket: WebSocket;
  readonly #calls = new Map<string, PromiseWithResolvers<CallAnswer>>();
  #isRetired = false;

  constructor(
    socket: WebSocket,
    onRetired: () => void,
    { pingMilliseconds = PING_MILLISECONDS, maxAgeMilliseconds = MAX_AGE_MILLISECONDS }: Times,
  ) {
    this.#socket = socket;
    const ping = setInterval(() => socket.send('{"action":"ping"}', () => undefined), pingMilliseconds);
    const retirement = setTimeout(() => {
      onRetired();
      this.closeWhenIdle();
    }, maxAgeMilliseconds);
    socket.on('message', (data) => this.#receive(String(data)));
    // The event `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      clearInterval(ping);
      clearTimeout(retirement);
      onRetired();
      const error = new PassingError(`the connection to the WebSocket API was lost (code ${code})`);
      for (const call of this.#calls.values()) call.reject(error);
    });
  }

  /** @throws {PassingError} if the connection ends before the answer */
  async call(id: string, message: string): Promise<CallAnswer> {
    if (this.#socket.readyState !== WebSocket.OPEN) throw new PassingError('the connection was lost');
    const answer = Promise.withResolvers<CallAnswer>();
    this.#calls.set(id, answer);
    const timeout = setTimeout(() => this.#socket.terminate(), TIMEOUT_MILLISECONDS);
    try {
      const bytes = Buffer.from(message);
      for (let start = 0; start < bytes.length; start += FRAME_BYTES) {
        const end = start + FRAME_BYTES;
        const options = { binary: false, fin: end >= bytes.length };
        // A failure closes the connection.
        this.#socket.send(bytes.subarray(start, end), options, () => undefined);
      }
      return await answer.promise;
    } finally {
      clearTimeout(timeout);
      this.#calls.delete(id);
      if (this.#isRetired) this.closeWhenIdle();
    }
  }

  closeWhenIdle(): void {
    this.#isRetired = true;
    if (this.#calls.size === 0) this.#socket.close();
  }

  #receive(text: string): void {
    const { id = '', action, error, ...answer } = JSON.parse(text) as Message;
    if (action === 'pong') return;
    const call = this.#calls.get(id);
    if (call === undefined) {
      // API Gateway does not say which message it refused: all are sent again.
      this.#socket.terminate();
    } else if (error === undefined) {
      call.resolve(answer as CallAnswer);
    } else {
      const reason = `the WebSocket API answered ${error.code}: ${error.message}`;
      const isPassing = PASSING_CODES.includes(error.code);
      call.reject(isPassing ? new PassingError(reason) : new UserError(reason, EXIT.failed));
    }
  }
}
