import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import type { RequestTarget } from '../gateway/service.ts';
import { internalError } from './http-error.ts';

/**
 * Content types whose bodies are texts. API Gateway encodes the others in Base64, and a body without a type. AWS does not
 * list them: ministackorg/ministack pull request 766 measured them.
 */
const TEXT_TYPE = /^(text\/[^;]*|application\/(json|javascript|xml))\s*(;|$)/i;
/** Headers of a connection, which do not belong to an answer. */
const CONNECTION_HEADER = /^(connection|keep-alive|transfer-encoding|upgrade|content-length|trailer)$/i;

interface HttpCall {
  readonly method: string;
  readonly url: RequestTarget;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly apiId: string;
  readonly stage: string;
  readonly routeKey: string;
  /** Path in the API, decoded (measured, see middleapi/standard-server pull request 93). */
  readonly path: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** Result of the authorizer of the route. */
  readonly authorizer: object | undefined;
}

/** API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs": payload format version 2.0. */
export function createHttpEvent(call: HttpCall): object {
  const { method, url, headers, body, apiId, stage, routeKey, path, requestId, authorizer } = call;
  const now = new Date();
  const host = headers.host ?? '';
  const { cookie, ...others } = headers;
  const combined = Object.entries(others).map(([name, value]) => [name, [value].flat().join(',')]);
  const query = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  }
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '') && isUtf8(body);
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: url.search.slice(1),
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: {
      ...Object.fromEntries(combined),
      'x-amzn-trace-id': `Root=1-${Math.floor(now.getTime() / 1_000).toString(16)}-${requestId.replaceAll('-', '').slice(0, 24)}`,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': host.split(':')[1] ?? '80',
      'x-forwarded-proto': 'http',
    },
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    ...(Object.keys(call.pathParameters).length > 0 && { pathParameters: call.pathParameters }),
    requestContext: {
      accountId: '000000000000',
      apiId,
      ...(authorizer !== undefined && { authorizer }),
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey,
      stage,
      time: writeLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** Writes a time as access logs have it, such as 12/Mar/2020:19:03:58 +0000. */
export function writeLogTime(time: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(time.toUTCString())!;
  return `${day}/${month}/${year}:${clock} +0000`;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

const ANSWER = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

/**
 * Reads the answer of a function. Without a status it is the body of a 200 (the same page, "Lambda function response for
 * format 2.0").
 * @throws {HttpError} 500 for an answer that API Gateway does not understand
 */
export function readHttpAnswer(result: unknown): HttpAnswer {
  if (Object(result).statusCode === undefined) {
    const body = Buffer.from(typeof result === 'string' ? result : (JSON.stringify(result) ?? ''));
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  const { success, data, error } = ANSWER.safeParse(result);
  if (!success) throw internalError(`the function's answer: ${z.prettifyError(error)}`);
  const given = Object.entries(data.headers ?? {})
    .map(([name, value]) => [name.toLowerCase(), String(value)] as const)
    .filter(([name]) => !CONNECTION_HEADER.test(name));
  const cookies = data.cookies ?? [];
  return {
    status: data.statusCode,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(given),
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    },
    body: Buffer.from(data.body ?? '', data.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}
