import { Agent, type IncomingHttpHeaders, request as openRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { WebSocket } from 'ws';
import { TICKET_PARAMETER } from '../lambdas/shared/api-routes.ts';
import { API_OUTPUTS } from '../lambdas/shared/stacks.ts';
import type { RunningCloud } from '../local/data-directory.ts';
import { OPERATOR_KEY } from '../local/iam/access-control.ts';

const { sha256 } = new SQSClient({ region: 'us-east-1' }).config;
const TIMEOUT_MILLISECONDS = 60_000;

export interface ApiRequest {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** User whose managed policy allows the request; undefined sends no signature. @default the operator */
  readonly accessKeyId?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The APIs of a local cloud, without retries: a caller sees each answer as it is. Connections stay open. */
export class ApiClient implements Disposable {
  #find: () => RunningCloud;
  #agent = new Agent({ keepAlive: true });

  /** @param find describes the cloud, whose address a restart changes */
  constructor(find: () => RunningCloud) {
    this.#find = find;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  /** @param path as it is sent, below the address of the API */
  async request(method: string, path: string, request: ApiRequest = {}): Promise<ApiAnswer> {
    const { body = '' } = request;
    const { origin, host, pathname } = new URL(this.#find().outputs[API_OUTPUTS.httpApiUrl]!);
    const sent = { method, path: pathname + path, headers: { host, ...request.headers }, body };
    const accessKeyId = 'accessKeyId' in request ? request.accessKeyId : OPERATOR_KEY;
    const signed = accessKeyId === undefined ? sent.headers : await this.#sign(sent, accessKeyId);
    // Node writes it for some methods only.
    const headers = { ...signed, 'content-length': Buffer.byteLength(body) };
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const options = { method, path: sent.path, headers, agent: this.#agent, timeout: TIMEOUT_MILLISECONDS };
    openRequest(origin, options, (response) => {
      const { statusCode: status = 0, headers: answered } = response;
      text(response).then((content) => resolve({ status, headers: answered, text: content }), reject);
    })
      .on('timeout', () => reject(new Error(`${method} ${path} had no answer`)))
      .on('error', reject)
      .end(body);
    return promise;
  }

  /** Sends items, one on each line. */
  sendItems(storeId: string, lines: readonly string[], idempotencyKey?: string): Promise<ApiAnswer> {
    const headers = {
      'content-type': 'application/x-ndjson',
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    };
    return this.request('POST', `/stores/${storeId}/transactions`, { headers, body: lines.join('\n') });
  }

  /** Fetches a ticket of the WebSocket API. @returns the address to connect to */
  async fetchTicket(storeId: string): Promise<string> {
    const answer = await this.request('POST', `/stores/${storeId}/tickets`);
    if (answer.status !== 201) throw new Error(`no ticket: ${answer.status} ${answer.text}`);
    const { url, ticket } = JSON.parse(answer.text) as { url: string; ticket: string };
    return `${url}?${TICKET_PARAMETER}=${ticket}`;
  }

  async #sign(
    { method, path, headers, body }: { method: string; path: string; headers: object; body: string | Buffer },
    accessKeyId: string,
  ): Promise<Record<string, string>> {
    const secretAccessKey = this.#find().accessKeys[accessKeyId] ?? '';
    const credentials = { accessKeyId, secretAccessKey };
    const signer = new SignatureV4({ service: 'execute-api', region: 'us-east-1', credentials, sha256 });
    const [pathname = '', search = ''] = path.split(/\?(.*)/s);
    const query = Object.fromEntries(new URLSearchParams(search));
    const parts = { method, protocol: 'http:', hostname: '', path: pathname, query, body };
    return (await signer.sign({ ...parts, headers: { ...headers } })).headers;
  }
}

/** A connection of the WebSocket API on which one message at a time waits for its answer. */
export class ApiSocket implements Disposable {
  #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    // The event `close` follows.
    socket.on('error', () => undefined);
  }

  /** @param url address with its ticket. @throws {Error} with the status of a refusal */
  static async open(url: string): Promise<ApiSocket> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = new WebSocket(url).once('open', resolve).once('error', reject);
    await promise;
    return new ApiSocket(socket);
  }

  /** Sends a message and returns its answer. @throws {Error} with the code if the connection closes instead */
  async ask(message: string | Buffer): Promise<Record<string, unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const receive = (data: object) => resolve(JSON.parse(String(data)));
    const fail = (code: number) => reject(new Error(`the connection was closed with ${code}`));
    this.#socket.once('message', receive).once('close', fail);
    try {
      if (this.#socket.readyState !== WebSocket.OPEN) fail(0);
      else this.#socket.send(message);
      return await promise;
    } finally {
      this.#socket.off('message', receive).off('close', fail);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.terminate();
  }
}
