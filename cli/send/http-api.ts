import type { SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { API_ROUTES, type RouteName } from '../../lambdas/shared/api-routes.ts';
import { rememberRequest } from '../aws/calls.ts';
import { EXIT, UserError } from '../exit-codes.ts';
import { type CallAnswer, type Caller, PassingError, type Patience, retryPassing } from './caller.ts';
import type { CallLimits, Line } from './group-lines.ts';

/** Longer than the 30 seconds that API Gateway waits for a function (developer guide, "Quotas"). */
const TIMEOUT_MILLISECONDS = 40_000;
const PASSING_STATUS = [429, 500, 502, 503, 504];
/** The API accepts bodies of 1,000,000 bytes. */
const LIMITS: CallLimits = { items: 1_000, bytes: 900_000, measure: Buffer.byteLength };

interface Body {
  readonly type: string;
  readonly text: string;
}

/** Members of problem details (RFC 9457), and of an error of API Gateway itself. */
interface Problem {
  readonly detail?: string;
  readonly message?: string;
}

/** The HTTP API of a stage, called for one store with an AWS signature, or with a JSON Web Token. */
export class HttpApi {
  readonly #url: string;
  readonly #store: string;
  readonly #signer: SignatureV4;
  readonly #token: string | undefined;

  /**
   * @param config settings of a client of the SDK, with the region and the credentials
   * @param token sent in place of a signature
   */
  constructor(
    url: string,
    store: string,
    { region, credentials, sha256 }: SQSClient['config'],
    token?: string,
  ) {
    this.#url = url;
    this.#store = store;
    this.#signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256 });
    this.#token = token?.trim() || undefined;
  }

  /**
   * Posts to a route of the store.
   * @throws {PassingError} if the API cannot answer now
   * @throws {Error} if it refuses the request
   */
  async post<Answer>(route: RouteName, { type, text }: Body): Promise<Answer> {
    const [, path = ''] = API_ROUTES[route].split(' ');
    const url = new URL(`${this.#url}${path.replace('{store}', this.#store)}`);
    const init = {
      method: 'POST',
      headers: await this.#authorize(url, type, text),
      body: text,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
    };
    const { response, answer } = await this.#fetch(url, init);
    if (response.ok) return JSON.parse(answer) as Answer;
    throw explainStatus(response, answer, API_ROUTES[route], this.#token !== undefined);
  }

  /** Returns the headers of a request, with the token or a signature. */
  async #authorize({ protocol, host, hostname, pathname }: URL, type: string, body: string) {
    const own = { 'content-type': type };
    if (this.#token !== undefined) return { ...own, authorization: `Bearer ${this.#token}` };
    const request = { method: 'POST', protocol, hostname, path: pathname, headers: { host, ...own }, body };
    const { host: _, ...headers } = (await this.#signer.sign(request)).headers;
    return headers;
  }

  async #fetch(url: URL, init: RequestInit): Promise<{ response: Response; answer: string }> {
    try {
      const response = await fetch(url, init);
      return { response, answer: await response.text() };
    } catch (cause) {
      const { message, cause: reason } = cause as Error & { cause?: Error & { code?: string } };
      const why = reason?.message || reason?.code || message;
      throw new PassingError(`the HTTP API at ${this.#url} did not answer (${why})`, { cause });
    }
  }
}

function explainStatus({ status, headers }: Response, text: string, route: string, hasToken: boolean): Error {
  const { detail, message = text.slice(0, 200) } = parseProblem(text);
  const reason = `the HTTP API answered ${status}: ${detail ?? message}`;
  if (PASSING_STATUS.includes(status)) {
    const seconds = headers.get('retry-after');
    const retryAfter = seconds !== null && /^\d+$/.test(seconds) ? Number(seconds) : undefined;
    return new PassingError(reason, { retryAfter });
  }
  if (status === 403 && !hasToken) {
    return rememberRequest(Object.assign(new Error(reason), { name: 'AccessDenied' }), route);
  }
  return new UserError(`${reason}${status === 401 ? adviseOnToken(headers, hasToken) : ''}`, EXIT.failed);
}

function adviseOnToken(headers: Headers, hasToken: boolean): string {
  if (!hasToken) {
    return '. The stage accepts only JSON Web Tokens (setting retail:apiJwtIssuer): set RETAIL_API_TOKEN, or add --token';
  }
  const [, fault = 'it may have expired'] =
    /error_description="([^"]*)"/.exec(headers.get('www-authenticate') ?? '') ?? [];
  return `. The API does not accept the token (${fault}): get another one from the issuer`;
}

function parseProblem(text: string): Problem {
  try {
    return Object(JSON.parse(text)) as Problem;
  } catch {
    return {};
  }
}

/** Sends each call as one request. */
export class HttpCaller implements Caller {
  readonly limits = LIMITS;
  readonly #api: HttpApi;
  readonly #patience: Patience;

  constructor(api: HttpApi, patience: Patience) {
    this.#api = api;
    this.#patience = patience;
  }

  send(lines: readonly Line[]): Promise<CallAnswer> {
    const text = lines.map((line) => `${line.text}\n`).join('');
    const body = { type: 'application/x-ndjson', text };
    return retryPassing(() => this.#api.post<CallAnswer>('sendTransactions', body), this.#patience);
  }

  close(): void {
    // Requests keep no connection that has to be closed.
  }
}
