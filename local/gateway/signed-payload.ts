import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type RequestTarget, ServiceError, type ServiceRequest } from './service.ts';
import type { Signature, Signer } from './signature.ts';

/** Limit for the lines between chunks, well above that of a signature or a checksum. */
const MAX_LINE_BYTES = 65_536;
/** Minimum size of a chunk, except for the last with content. S3 answers so (versity/versitygw#1683). */
const MIN_CHUNK_BYTES = 8_192;
/** Words in the place of the hash of the payload (S3 API reference, "Authenticating requests: using the Authorization header"). */
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const UNSIGNED_CHUNKS = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';
const SIGNED_CHUNKS = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
const SIGNED_CHUNKS_AND_TRAILER = `${SIGNED_CHUNKS}-TRAILER`;
const WORDS = [UNSIGNED, UNSIGNED_CHUNKS, SIGNED_CHUNKS, SIGNED_CHUNKS_AND_TRAILER];

type Payload = Pick<ServiceRequest, 'body' | 'trailers'>;

/** Reads the hash of the payload that is signed for S3, or the word in its place. @throws {ServiceError} */
export function readPayloadHash(
  { headers }: IncomingMessage,
  { searchParams }: RequestTarget,
  { isPresigned }: Signature,
): string {
  const inQuery = isPresigned ? (searchParams.get('X-Amz-Content-Sha256') ?? UNSIGNED) : undefined;
  const hash = headers['x-amz-content-sha256'] ?? inQuery;
  if (hash === undefined) {
    const message = 'Missing required header for this request: x-amz-content-sha256';
    throw new ServiceError('InvalidRequest', message);
  }
  if (WORDS.includes(String(hash)) || /^[0-9a-f]{64}$/.test(String(hash))) return String(hash);
  const message = `x-amz-content-sha256 must be ${WORDS.join(', ')}, or a SHA-256 in hexadecimal.`;
  throw new ServiceError('InvalidArgument', message);
}

/** Opens the payload of a request to S3: it fails if its bytes are not those that are signed. */
export function openPayload(incoming: IncomingMessage, payloadHash: string, signer: Signer): Payload {
  if (!payloadHash.startsWith('STREAMING-')) {
    return { body: payloadHash === UNSIGNED ? incoming : verify(incoming, payloadHash), trailers: {} };
  }
  const trailers: Record<string, string> = {};
  return { body: decodeChunks(incoming, payloadHash, signer, trailers), trailers };
}

async function* verify(incoming: IncomingMessage, payloadHash: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') === payloadHash) return;
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  throw new ServiceError('XAmzContentSHA256Mismatch', message);
}

/**
 * Removes the framing of `aws-chunked` (S3 API reference, "Signature calculations: transferring payload in
 * multiple chunks"): each chunk is `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, and after one of length 0
 * come trailing headers and an empty line.
 * @param trailers receives these headers
 */
async function* decodeChunks(
  incoming: IncomingMessage,
  payloadHash: string,
  signer: Signer,
  trailers: Record<string, string>,
): AsyncGenerator<Buffer> {
  const lines = new LineReader(incoming);
  try {
    for (let previous = MIN_CHUNK_BYTES; ; ) {
      const line = await lines.readLine();
      const [length = '', extension = ''] = line.split(';');
      if (!/^[0-9a-f]{1,12}$/i.test(length)) {
        throw incomplete(`"${line.slice(0, 40)}" is not a chunk length`);
      }
      const hash = payloadHash === UNSIGNED_CHUNKS ? undefined : createHash('sha256');
      const size = Number.parseInt(length, 16);
      const isLast = size === 0;
      if (!isLast && previous < MIN_CHUNK_BYTES) {
        const message = `Only the last chunk is allowed to have a size less than ${MIN_CHUNK_BYTES} bytes`;
        throw new ServiceError('InvalidChunkSizeError', message);
      }
      previous = size;
      for (let left = size; left > 0; ) {
        const part = await lines.readPart(left);
        left -= part.length;
        hash?.update(part);
        yield part;
      }
      const value = extension.replace('chunk-signature=', '');
      if (hash !== undefined && !signer.isChunkSigned(hash.digest('hex'), value))
        throw wrongSignature('chunk');
      if (isLast) break;
      if ((await lines.readLine()) !== '') throw incomplete('a chunk is longer than its length');
    }
    await readTrailers(lines, trailers);
    checkTrailers(incoming, payloadHash, signer, trailers);
  } finally {
    await lines.finish();
  }
}

async function readTrailers(lines: LineReader, trailers: Record<string, string>): Promise<void> {
  for (let line = await lines.readLine(); line !== ''; line = await lines.readLine()) {
    const [name = '', value = ''] = line.split(/:(.*)/);
    trailers[name.toLowerCase()] = value.trim();
  }
}

/** @throws {ServiceError} if an announced trailing header is missing, or they are not signed as announced */
function checkTrailers(
  { headers }: IncomingMessage,
  payloadHash: string,
  signer: Signer,
  trailers: Record<string, string>,
): void {
  const announced = String(headers['x-amz-trailer'] ?? '').toLowerCase();
  const { 'x-amz-trailer-signature': value = '', ...others } = trailers;
  if (announced !== Object.keys(others).join(',')) {
    const message = `The trailing headers are not those of x-amz-trailer: ${announced}`;
    throw new ServiceError('MalformedTrailerError', message);
  }
  if (payloadHash !== SIGNED_CHUNKS_AND_TRAILER) return;
  const text = Object.entries(others).map(([name, content]) => `${name}:${content}\n`);
  if (!signer.isTrailerSigned(text.join(''), value)) throw wrongSignature('trailer');
}

/** Reads lines and bytes from one body by turns. */
class LineReader {
  #incoming: IncomingMessage;
  #pieces: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    this.#pieces = incoming.iterator({ destroyOnReturn: false });
  }

  /** Reads a line without its CRLF. */
  async readLine(): Promise<string> {
    while (!this.#buffer.includes('\r\n')) {
      if (this.#buffer.length > MAX_LINE_BYTES) throw incomplete('a line between two chunks is too long');
      await this.#readMore();
    }
    const line = this.#buffer.subarray(0, this.#buffer.indexOf('\r\n')).toString('latin1');
    this.#buffer = this.#buffer.subarray(line.length + 2);
    return line;
  }

  /** Reads at least one byte. */
  async readPart(maxBytes: number): Promise<Buffer> {
    if (this.#buffer.length === 0) await this.#readMore();
    const part = this.#buffer.subarray(0, maxBytes);
    this.#buffer = this.#buffer.subarray(part.length);
    return part;
  }

  /** Reads the rest: after that, the connection serves other requests. */
  async finish(): Promise<void> {
    await this.#pieces.return?.();
    this.#incoming.resume();
  }

  async #readMore(): Promise<void> {
    const { value, done } = await this.#pieces.next();
    if (done) throw incomplete('the body ends in the middle of a chunk');
    this.#buffer = this.#buffer.length === 0 ? value : Buffer.concat([this.#buffer, value]);
  }
}

function incomplete(reason: string): ServiceError {
  return new ServiceError('IncompleteBody', reason);
}

function wrongSignature(part: string): ServiceError {
  const message = `The ${part} signature we calculated does not match the signature you provided.`;
  return new ServiceError('SignatureDoesNotMatch', message, 403);
}
