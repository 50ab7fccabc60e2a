import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { toLine } from '../shared/call-message.ts';
import { sliceParts } from './json-slices.ts';
import { ProblemError } from './problem.ts';

const MAX_BODY_BYTES = 1_000_000;
export const MAX_ITEMS = 5_000;
const JSON_TYPE = 'application/json';
const NDJSON_TYPE = 'application/x-ndjson';
const TRANSACTION_TYPES = [JSON_TYPE, NDJSON_TYPE] as const;

type Request = Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded' | 'headers'>;

/**
 * Reads the body of a request as text. API Gateway encodes a body of an unknown content type in Base64.
 * @param types the content types that the route supports
 * @throws {ProblemError}
 */
export function readText({ body = '', isBase64Encoded, headers }: Request, types: readonly string[]): string {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.find((parameter) => parameter.trim().startsWith('charset='));
  if (!types.includes(type.trim()) || !/^( *charset="?utf-8"? *)?$/.test(charset ?? '')) {
    const detail = `The content type is "${headers['content-type'] ?? ''}": send ${types.join(' or ')} in UTF-8.`;
    throw new ProblemError('media-type-unsupported', detail);
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length === 0) throw new ProblemError('body-missing', 'Send a body.');
  if (bytes.length > MAX_BODY_BYTES) {
    const detail = `The body has ${bytes.length} bytes, and may have ${MAX_BODY_BYTES}. Send it in several requests.`;
    throw new ProblemError('content-too-large', detail);
  }
  try {
    // Removes a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ProblemError('body-not-utf8', 'The body has bytes that are not UTF-8. Encode it again.', {
      cause,
    });
  }
}

/** Parses the body of a request. @throws {ProblemError} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = `The body cannot be parsed: ${(cause as Error).message.slice(0, 200)}. Correct it there.`;
    throw new ProblemError('json-malformed', detail, { cause });
  }
}

/**
 * Reads the items of a request with transactions: one object, an array, or a line for each.
 * @returns a line for each item, with its values as they are written
 * @throws {ProblemError}
 */
export function readItems(request: Request): string[] {
  const text = readText(request, TRANSACTION_TYPES);
  const isLines = (request.headers['content-type'] ?? '').toLowerCase().startsWith(NDJSON_TYPE);
  return checkCount(isLines ? splitLines(text) : sliceItems(text));
}

/** Splits JSON lines. A blank one is not an item. */
function splitLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => toLine(line.replace(/\r$/, '')));
}

/**
 * Cuts a JSON array into its elements. An object is the only item. A string is a line as a till wrote it: one that is not
 * valid JSON can travel in no other way.
 * @throws {ProblemError}
 */
export function sliceItems(json: string): string[] {
  const value = parseJson(json);
  if (Array.isArray(value)) return sliceParts(json).map((part) => toLine(readLine(part) ?? part));
  if (typeof value === 'object' && value !== null) return [toLine(json.trim())];
  throw new ProblemError('body-invalid', 'Send an object, or an array of objects, one for each transaction.');
}

/** Reads the line in a JSON string. @returns undefined for another value, and for a blank string */
function readLine(json: string): string | undefined {
  const line = json.startsWith('"') ? (JSON.parse(json) as string) : '';
  return line.trim() === '' ? undefined : line;
}

/** @throws {ProblemError} if a call has no items or too many */
export function checkCount(lines: string[]): string[] {
  if (lines.length === 0) throw new ProblemError('body-invalid', 'Send at least one transaction.');
  if (lines.length > MAX_ITEMS) {
    const detail = `The body has ${lines.length} transactions, and may have ${MAX_ITEMS}. Send them in several requests.`;
    throw new ProblemError('content-too-large', detail);
  }
  return lines;
}
