import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { CredentialScope } from '../iam/access-keys.ts';
import { type RequestTarget, ServiceError } from './service.ts';

export const ALGORITHM = 'AWS4-HMAC-SHA256';
const QUERY_NAMES = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'];
const HEADER_NAMES = ['Credential', 'SignedHeaders', 'Signature'];
const CREDENTIAL_PARTS = 5;
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** The parts of a Signature Version 4, as the caller wrote them; a part that is missing is empty. */
export interface Signature extends CredentialScope {
  /** True for the query of a presigned URL. */
  readonly isPresigned: boolean;
  /** False if a part is missing, repeated or unknown. */
  readonly isComplete: boolean;
  readonly accessKeyId: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly value: string;
  /** Time of signing in the form YYYYMMDDTHHMMSSZ. */
  readonly time: string;
  /** Seconds for which a presigned URL is valid. */
  readonly expires: string;
}

/** Reads the signature in the header `Authorization` or in the query. @returns undefined if there is none */
export function readSignature({ headers }: IncomingMessage, { searchParams }: RequestTarget) {
  const { authorization } = headers;
  if (authorization?.startsWith(`${ALGORITHM} `)) {
    const pairs = authorization.slice(ALGORITHM.length).split(',');
    const parts = new Map(pairs.map((pair) => pair.trim().split(/=(.*)/s) as [string, string]));
    const isComplete =
      pairs.length === HEADER_NAMES.length &&
      HEADER_NAMES.every((name) => parts.has(name)) &&
      !QUERY_NAMES.some((name) => searchParams.has(`X-Amz-${name}`));
    const time = String(headers['x-amz-date'] ?? '');
    return buildSignature({ isPresigned: false, isComplete, time, expires: '' }, parts);
  }
  if (authorization !== undefined || searchParams.get('X-Amz-Algorithm') !== ALGORITHM) return undefined;
  const parts = new Map(QUERY_NAMES.map((name) => [name, searchParams.get(`X-Amz-${name}`) ?? '']));
  const isComplete = QUERY_NAMES.every((name) => searchParams.getAll(`X-Amz-${name}`).length === 1);
  const [time, expires] = [parts.get('Date')!, parts.get('Expires')!];
  return buildSignature({ isPresigned: true, isComplete, time, expires }, parts);
}

function buildSignature(
  rest: Pick<Signature, 'isPresigned' | 'isComplete' | 'time' | 'expires'>,
  parts: ReadonlyMap<string, string>,
): Signature {
  const credential = (parts.get('Credential') ?? '').split('/');
  const [accessKeyId = '', day = '', region = '', serviceName = '', terminator = ''] = credential;
  const signedHeaders = (parts.get('SignedHeaders') ?? '').split(';');
  const value = parts.get('Signature') ?? '';
  const isComplete = rest.isComplete && credential.length === CREDENTIAL_PARTS;
  return { ...rest, isComplete, accessKeyId, day, region, serviceName, terminator, signedHeaders, value };
}

/** Reads a time in the form YYYYMMDDTHHMMSSZ. @returns milliseconds, or NaN for another form */
export function readTime(time: string): number {
  return !TIME.test(time) ? Number.NaN : Date.parse(time.replace(TIME, '$1-$2-$3T$4:$5:$6Z'));
}

/**
 * Removes the parameters of the signature from the query of a presigned URL.
 * @param headers receives the other `x-amz-` parameters: S3 takes them for headers (S3 API reference, "Authenticating
 * requests: using query parameters")
 */
export function withoutSignature(
  { pathname, searchParams }: RequestTarget,
  headers: IncomingHttpHeaders,
): RequestTarget {
  const rest = new URLSearchParams();
  for (const [name, value] of searchParams) {
    if (!/^x-amz-/i.test(name)) rest.append(name, value);
    else if (!QUERY_NAMES.includes(name.slice('X-Amz-'.length))) headers[name.toLowerCase()] = value;
  }
  return { pathname, search: rest.size === 0 ? '' : `?${rest}`, searchParams: rest };
}

/** A request in the parts that are signed. */
export interface SignedParts {
  readonly method: string;
  readonly url: RequestTarget;
  readonly headers: IncomingHttpHeaders;
  /** SHA-256 of the body in hexadecimal, or the word in its place. */
  readonly payloadHash: string;
}

/** Computes and compares the signatures of one request and of the chunks of its body. */
export class Signer {
  readonly signature: Signature;
  #key: Buffer;
  /** The last signature in a body of signed chunks, which the next one continues. */
  #previous: string;

  constructor(key: Buffer, signature: Signature) {
    this.#key = key;
    this.signature = signature;
    this.#previous = signature.value;
  }

  /** IAM user guide, "Create a signed AWS API request". */
  isSigned({ method, url, headers, payloadHash }: SignedParts): boolean {
    const { signedHeaders, serviceName, value } = this.signature;
    const canonicalRequest = [
      method,
      canonicalPath(url.pathname, serviceName),
      canonicalQuery(url.searchParams),
      ...signedHeaders.map(
        (name) =>
          `${name}:${String(headers[name] ?? '')
            .replace(/\s+/g, ' ')
            .trim()}`,
      ),
      '',
      signedHeaders.join(';'),
      payloadHash,
    ];
    return isEqual(this.#sign(ALGORITHM, sha256(canonicalRequest.join('\n'))), value);
  }

  /** S3 API reference, "Signature calculations: transferring payload in multiple chunks". */
  isChunkSigned(hash: string, value: string): boolean {
    return this.#continues(`${ALGORITHM}-PAYLOAD`, [sha256(''), hash], value);
  }

  /** S3 API reference, "… multiple chunks with trailing headers". @param trailers lines `name:value` with line feeds */
  isTrailerSigned(trailers: string, value: string): boolean {
    return this.#continues(`${ALGORITHM}-TRAILER`, [sha256(trailers)], value);
  }

  #continues(algorithm: string, hashes: readonly string[], value: string): boolean {
    const expected = this.#sign(algorithm, this.#previous, ...hashes);
    this.#previous = expected;
    return isEqual(expected, value);
  }

  #sign(algorithm: string, ...rest: readonly string[]): string {
    const { time, day, region, serviceName } = this.signature;
    const scope = `${day}/${region}/${serviceName}/aws4_request`;
    const text = [algorithm, time, scope, ...rest].join('\n');
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}

/** S3 signs the path as it is encoded once; the other services encode it again (the same guide, "Canonical URI"). */
function canonicalPath(path: string, serviceName: string): string {
  const segments = (path || '/').split('/');
  if (serviceName !== 's3') return segments.map(encode).join('/');
  try {
    return segments.map((segment) => encode(decodeURIComponent(segment))).join('/');
  } catch {
    throw new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
  }
}

function canonicalQuery(parameters: URLSearchParams): string {
  return [...parameters]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}\0${encode(value)}`)
    .sort()
    .join('&')
    .replaceAll('\0', '=');
}

/** Encodes all but the letters, digits, "-", ".", "_" and "~". */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares signatures in constant time. */
export function isEqual(expected: string, value: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(value)];
  return a.length === b.length && timingSafeEqual(a, b);
}
