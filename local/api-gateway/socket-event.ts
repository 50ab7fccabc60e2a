import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { writeLogTime } from './http-event.ts';

/** Members that all events of a connection have. */
export interface ConnectionFacts {
  readonly apiId: string;
  readonly stage: string;
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly host: string;
  readonly userAgent: string;
}

/** API Gateway developer guide, "API Gateway WebSocket API mapping template reference" and its examples of events. */
export function createContext(
  { apiId, stage, connectionId, connectedAt, host, userAgent }: ConnectionFacts,
  eventType: 'CONNECT' | 'MESSAGE',
  routeKey: string,
) {
  const now = new Date();
  const requestId = randomUUID();
  return {
    routeKey,
    ...(eventType === 'MESSAGE' && { messageId: randomUUID() }),
    eventType,
    extendedRequestId: requestId,
    requestTime: writeLogTime(now),
    messageDirection: 'IN',
    stage,
    connectedAt,
    requestTimeEpoch: now.getTime(),
    identity: { userAgent, sourceIp: '127.0.0.1' },
    requestId,
    domainName: host,
    connectionId,
    apiId,
  };
}

/** Headers and query of the request for a connection, each name with its last value and with all values. */
export function describeRequest({ rawHeaders }: IncomingMessage, query: URLSearchParams) {
  const headers: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index]!, rawHeaders[index + 1]!]);
  }
  const parameters = query.size === 0 ? undefined : [...query];
  return {
    headers: Object.fromEntries(headers),
    multiValueHeaders: group(headers),
    ...(parameters !== undefined && {
      queryStringParameters: Object.fromEntries(parameters),
      multiValueQueryStringParameters: group(parameters),
    }),
  };
}

function group(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const groups = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries([...groups].map(([name, found]) => [name, found.map(([, value]) => value)]));
}
