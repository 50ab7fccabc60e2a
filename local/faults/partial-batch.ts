import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { readBody, type Service, type ServiceRequest } from '../gateway/service.ts';

const MAX_REQUEST_BYTES = 8 * 1024 ** 2;

interface Entry {
  readonly Id: string;
}

/** Carries out a batch call of SQS in which every second entry fails, starting with the first. */
export async function refuseEverySecond(
  service: Service,
  request: ServiceRequest,
  response: ServerResponse,
): Promise<void> {
  const body = JSON.parse((await readBody(request.incoming, MAX_REQUEST_BYTES)).toString()) as {
    Entries: Entry[];
  };
  const Entries = body.Entries.filter((_, index) => index % 2 === 1);
  const Failed = body.Entries.filter((_, index) => index % 2 === 0).map(({ Id }) => {
    return { Id, Code: 'InternalError', Message: 'an injected fault', SenderFault: false };
  });
  if (Entries.length === 0) {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Successful: [], Failed }));
    return;
  }
  const { end } = response;
  response.end = ((text: string) => {
    return end.call(response, JSON.stringify({ ...JSON.parse(text), Failed }), 'utf8');
  }) as typeof response.end;
  const text = JSON.stringify({ ...body, Entries });
  const incoming = Object.assign(Readable.from([Buffer.from(text)]), {
    headers: request.incoming.headers,
    method: request.incoming.method,
  }) as unknown as IncomingMessage;
  await service.handle({ ...request, incoming }, response);
}
