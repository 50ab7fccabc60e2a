import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { writeQueryError } from './query-service.ts';
import { ServiceError } from './service.ts';

/** Answers a call of a service that the local cloud does not have, in the protocol of the request. */
export function refuseService(
  name: string,
  known: Iterable<string>,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  const message = `the local cloud does not have the service "${name}": it has ${[...known].join(', ')}`;
  refuseInProtocol(message, headers, response);
}

/** Answers that a call is not supported, in the protocol of the request. */
export function refuseInProtocol(
  message: string,
  headers: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  const error = new ServiceError('NotImplemented', message, 501);
  const { 'content-type': contentType = '', 'smithy-protocol': protocol } = headers;
  if (protocol === 'rpc-v2-cbor') {
    response.writeHead(error.status, { 'content-type': 'application/cbor', 'smithy-protocol': protocol });
    response.end(Buffer.concat([CBOR_MAP_OF_TWO, ...['__type', error.code, 'message', message].map(toCbor)]));
  } else if (contentType.startsWith('application/x-www-form-urlencoded')) {
    writeQueryError(response, error);
  } else {
    const isJson = contentType.startsWith('application/x-amz-json-');
    const type = isJson ? contentType : 'application/json';
    response.writeHead(error.status, { 'content-type': type, 'x-amzn-errortype': error.code });
    response.end(JSON.stringify({ __type: error.code, message }));
  }
}

/** The parts of CBOR that an error needs (RFC 8949, "Specification of the CBOR Encoding"). */
const CBOR_MAP_OF_TWO = Buffer.of(0xa2);
const CBOR_TEXT_WITH_TWO_BYTES_OF_LENGTH = 0x79;

function toCbor(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([
    Buffer.of(CBOR_TEXT_WITH_TWO_BYTES_OF_LENGTH, bytes.length >> 8, bytes.length & 0xff),
    bytes,
  ]);
}
