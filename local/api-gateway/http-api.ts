import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiModel, RouteModel } from '../assembly/readers/api-readers.ts';
import { ACCOUNT } from '../assembly/template.ts';
import { ThrottledError } from '../functions/concurrency-limit.ts';
import type { Authenticate } from '../gateway/authenticate.ts';
import { type RequestTarget, readBytes } from '../gateway/service.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { apiArn, EventTooLargeError, type FunctionCaller, IntegrationTimeoutError } from './call-function.ts';
import { corsHeaders, isPreflight, preflightHeaders } from './cors.ts';
import { findRoute } from './find-route.ts';
import { forbidden, HttpError, internalError, notFound, tooManyRequests } from './http-error.ts';
import { createHttpEvent, type HttpAnswer, readHttpAnswer } from './http-event.ts';
import { JwtAuthorizer } from './jwt-authorizer.ts';
import { Throttle } from './throttle.ts';

/** API Gateway developer guide, "Quotas for configuring and running an HTTP API". */
const MAX_BODY_BYTES = 10 * 1024 ** 2;
const MAX_HEADER_BYTES = 10_240;
const DEFAULT_STAGE = '$default';

export interface HttpApiProps {
  readonly model: ApiModel;
  readonly functions: FunctionCaller;
  readonly access: AccessControl;
  readonly authenticate: Authenticate;
  /** Receives errors of functions, which their callers do not see. */
  readonly onProblem: (problem: Error) => void;
}

/** An HTTP API with its stages. */
export class HttpApi {
  #props: HttpApiProps;
  #throttles: Map<string, Throttle>;
  #authorizers = new Map<string, JwtAuthorizer>();

  constructor(props: HttpApiProps) {
    this.#props = props;
    this.#throttles = new Map(props.model.stages.map((stage) => [stage.name, new Throttle(stage)]));
  }

  /** @param path as it was sent, without the id of the API */
  async handle(
    incoming: IncomingMessage,
    url: RequestTarget,
    path: string,
    response: ServerResponse,
  ): Promise<void> {
    const { cors } = this.#props.model;
    const requestId = randomUUID();
    const { method = '', headers } = incoming;
    response.setHeader('apigw-requestid', requestId);
    if (cors !== undefined && isPreflight(method, headers)) {
      incoming.resume();
      response.writeHead(204, preflightHeaders(cors, headers.origin)).end();
      return;
    }
    const answer = await this.#answer(incoming, url, path, requestId).catch(asAnswer);
    const own = Object.entries(answer.headers).filter(
      ([name]) => cors === undefined || !name.startsWith('access-control-'),
    );
    const sent = { ...Object.fromEntries(own), ...corsHeaders(cors, headers.origin) };
    response.writeHead(answer.status, { ...sent, 'content-length': answer.body.length });
    response.end(answer.body);
    // The rest of a body that was not read.
    if (!incoming.complete) incoming.resume();
  }

  async #answer(incoming: IncomingMessage, url: RequestTarget, rawPath: string, requestId: string) {
    const { model, functions } = this.#props;
    const { method = '', headers } = incoming;
    checkHeaderSize(incoming);
    const { stage, path: rawApiPath } = this.#findStage(rawPath);
    // Readers of the path differ on whether an encoded slash separates.
    if (/%2f/i.test(rawApiPath)) throw notFound();
    const path = decode(rawApiPath);
    const found = findRoute(model.routes, method, path);
    if (found === undefined) throw notFound();
    const { route, pathParameters } = found;
    if (!this.#throttles.get(stage)!.take()) throw tooManyRequests();
    const { body, authorizer } = await this.#authorize(incoming, url, route, [
      `${stage}/${method}${path}`,
      `${stage}/${method}${rawApiPath}`,
    ]);
    const event = createHttpEvent({
      ...{ method, url, headers, body, apiId: model.id, stage, routeKey: route.key },
      ...{ path: stage === DEFAULT_STAGE ? path : `/${stage}${path}`, pathParameters, requestId, authorizer },
    });
    const source = `${stage}/${route.key.replace(' ', '')}`;
    const result = await functions.call(model.id, { ...route, source }, event).catch((error: Error) => {
      if (error instanceof EventTooLargeError) throw tooLarge();
      this.#props.onProblem(error);
      // Measured for a timeout (cortexlabs/cortex issue 1226), although re:Post, "How do I troubleshoot API HTTP 504 timeout
      // errors with API Gateway?", has 504. Clients send again after both.
      if (error instanceof IntegrationTimeoutError || error instanceof ThrottledError) {
        throw new HttpError(503, 'Service Unavailable', error.message);
      }
      throw internalError(error.message);
    });
    return readHttpAnswer(result);
  }

  /** Without a stage of that name, the first segment belongs to the path of the default stage. */
  #findStage(path: string): { stage: string; path: string } {
    const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(path) ?? [];
    if (first !== DEFAULT_STAGE && this.#throttles.has(first)) return { stage: first, path: rest || '/' };
    if (this.#throttles.has(DEFAULT_STAGE)) return { stage: DEFAULT_STAGE, path: path || '/' };
    throw notFound();
  }

  /**
   * Reads the body, and checks the caller as the route says.
   * @param targets the request in an ARN: with its path decoded, and as it was sent. The caller needs both, because AWS
   *   does not say which one it checks.
   */
  async #authorize(
    incoming: IncomingMessage,
    url: RequestTarget,
    { authorization, authorizer, scopes }: RouteModel,
    targets: readonly string[],
  ): Promise<{ body: Buffer; authorizer: object | undefined }> {
    const { model, access, authenticate } = this.#props;
    if (authorization === 'AWS_IAM') {
      const { caller, accessKeyId, body } = await authenticate(incoming, url, MAX_BODY_BYTES).catch(
        (error: Error & { status?: number }) => {
          throw error.status === 413 ? tooLarge() : forbidden(error.message);
        },
      );
      for (const target of new Set(targets)) {
        try {
          access.authorize(caller, 'execute-api:Invoke', apiArn(model.id, target));
        } catch (error) {
          throw forbidden((error as Error).message);
        }
      }
      const userArn = caller.principalArn ?? caller.arn;
      const iam = { accessKey: accessKeyId, accountId: ACCOUNT, callerId: userArn, userArn, userId: userArn };
      return { body, authorizer: { iam: { ...iam, cognitoIdentity: null, principalOrgId: null } } };
    }
    let jwt: object | undefined;
    if (authorizer?.kind === 'jwt') {
      const { id } = authorizer;
      const verifier = this.#authorizers.get(id) ?? new JwtAuthorizer(authorizer);
      this.#authorizers.set(id, verifier);
      jwt = { jwt: await verifier.authorize(incoming.headers.authorization, scopes) };
    }
    const body = await readBytes(incoming, MAX_BODY_BYTES).catch(() => {
      throw tooLarge();
    });
    return { body, authorizer: jwt };
  }
}

function checkHeaderSize({ method = '', url = '', rawHeaders }: IncomingMessage): void {
  // The values of the headers are at odd places.
  const values = rawHeaders.filter((_, index) => index % 2 === 1);
  const bytes = [method, url, 'HTTP/1.1', ...values].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes <= MAX_HEADER_BYTES) return;
  const message = 'Request Header Fields Too Large';
  throw new HttpError(431, message, `the request line and header values have ${bytes} bytes`);
}

function tooLarge(): HttpError {
  return new HttpError(413, 'Request Entity Too Large', 'the body is too long');
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new HttpError(400, 'Bad Request', 'the path is not UTF-8 with percent signs');
  }
}

function asAnswer(error: Error): HttpAnswer {
  if (!(error instanceof HttpError)) throw error;
  // AWS does not send the reason.
  const reason = error.reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 1_000);
  const headers = {
    'content-type': 'application/json',
    'x-local-cloud-reason': reason,
    ...error.headers,
  };
  return { status: error.status, headers, body: Buffer.from(error.body) };
}
