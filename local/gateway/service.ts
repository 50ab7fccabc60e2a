import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import type { Caller } from '../iam/principals.ts';

export interface Service {
  /** Answers one request; an error that it throws is written by `writeError`. */
  handle(request: ServiceRequest, response: ServerResponse): Promise<void>;
  writeError(response: ServerResponse, code: string, status: number, message: string): void;
}

/** An error with the code and HTTP status of AWS. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Path and query of a request. The path is as the caller wrote it: S3 keeps the dots in `a/../b`, and `URL` does not. */
export interface RequestTarget {
  readonly pathname: string;
  readonly search: string;
  readonly searchParams: URLSearchParams;
}

/** The fields before the file of a form that a client posts to S3, by their names in lower case. */
export type FormFields = ReadonlyMap<string, string>;

/** A form up to the bytes of its file. */
export interface Form {
  readonly fields: FormFields;
  /** Ends the reading of the request when it is destroyed. */
  readonly file: Readable;
}

export interface ServiceRequest {
  readonly incoming: IncomingMessage;
  readonly url: RequestTarget;
  /** Region in the signature. */
  readonly region: string;
  readonly caller: Caller;
  /** The payload without framing. To read it fails if it is not what the caller signed. */
  readonly body: AsyncIterable<Buffer>;
  /** Headers after the payload; complete when it has been read. */
  readonly trailers: Readonly<Record<string, string>>;
  /** The form whose file is the body; the signature in it proves its policy and nothing else. */
  readonly form?: Form;
}

/** @param target as in the first line of a request, with or without the host */
export function readTarget(target: string): RequestTarget {
  const [, pathname = '', search = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/i.exec(target) ?? [];
  return { pathname, search, searchParams: new URLSearchParams(search) };
}

/** Reads a whole body. @throws {ServiceError} if it is longer than `maxBytes` */
export async function readBody(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  return (await readBytes(body, maxBytes)).toString();
}

/** Reads a whole body. @throws {ServiceError} if it is longer than `maxBytes` */
export async function readBytes(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new ServiceError('BadRequestException', `the request is longer than ${maxBytes} bytes`, 413);
    }
    chunks.push(chunk);
  }
  // A body that was read before comes in one piece, which need not be copied.
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
}

/** Parses a request in JSON. Members that its schema does not have are refused. @throws {ServiceError} */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  json: string,
  code: string,
): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(parseJson(json));
  if (success) return data;
  const message = `the local cloud does not support this request: ${z.prettifyError(error)}`;
  throw new ServiceError(code, message.replace(/\s+/g, ' '));
}

/** @throws {ServiceError} SerializationException, as services of AWS answer a body that is not JSON */
function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ServiceError('SerializationException', `the request is not JSON: ${(error as Error).message}`);
  }
}

export abstract class JsonService implements Service {
  #contentType: string;
  #errorPrefix: string;

  /** @param errorPrefix of the type of each error */
  constructor(contentType: string, errorPrefix = '') {
    this.#contentType = contentType;
    this.#errorPrefix = errorPrefix;
  }

  abstract handle(request: ServiceRequest, response: ServerResponse): Promise<void>;

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    const type = this.#errorPrefix + code;
    response.writeHead(status, { 'content-type': this.#contentType, 'x-amzn-errortype': type });
    response.end(JSON.stringify({ __type: type, message }));
  }

  protected writeAnswer(response: ServerResponse, body: object): void {
    response.writeHead(200, { 'content-type': this.#contentType });
    response.end(JSON.stringify(body));
  }
}
