import { createHash, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../gateway/service.ts';
import type { ObjectFiles, ReceivedFile } from './object-files.ts';

/** Size limit of one PutObject or UploadPart (S3 user guide, "Uploading objects"). */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

/** Streams the body of PutObject or UploadPart into a file, and verifies it. */
export async function receiveBody(files: ObjectFiles, incoming: IncomingMessage): Promise<ReceivedFile> {
  const { headers } = incoming;
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
  const isChunked = String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const decoder = isChunked ? new AwsChunkedDecoder() : undefined;
  const checksums = new Checksums(headers);
  const received = files.receive(checksums);
  // An early end of the body reaches the reader of the checksummed stream.
  pipeline([incoming, ...(decoder ? [decoder] : []), checksums]).catch(() => undefined);
  const file = await received;
  const wrong = checksums.firstWrong({ ...headers, ...decoder?.trailers }, file.md5);
  if (wrong === undefined) return file;
  await files.discard(file.name);
  throw new ServiceError('BadDigest', `The ${wrong} you specified did not match the calculated checksum.`);
}

/** Verifies the MD5, CRC32 and SHA-256 that came with a body. Other algorithms of S3 are not verified. */
class Checksums extends Transform {
  #crc32 = 0;
  #sha256: Hash | undefined;

  constructor(headers: IncomingHttpHeaders) {
    super();
    const announced = [...Object.keys(headers), String(headers['x-amz-trailer'])];
    if (announced.includes('x-amz-checksum-sha256')) this.#sha256 = createHash('sha256');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#sha256?.update(chunk);
    done(null, chunk);
  }

  firstWrong(headers: IncomingHttpHeaders, md5: Buffer): string | undefined {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32);
    const actual: Record<string, string | undefined> = {
      'content-md5': md5.toString('base64'),
      'x-amz-checksum-crc32': crc.toString('base64'),
      'x-amz-checksum-sha256': this.#sha256?.digest('base64'),
    };
    return Object.keys(actual).find((name) => headers[name] !== undefined && headers[name] !== actual[name]);
  }
}

/**
 * Removes the framing of `aws-chunked` (S3 API reference, "Signature calculations: transferring payload in
 * multiple chunks"): each chunk is `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, and after one of length 0
 * come trailing headers, which the caller finds in `trailers` when the stream has ended.
 */
class AwsChunkedDecoder extends Transform {
  readonly trailers: Record<string, string> = {};
  #buffer: Buffer = Buffer.alloc(0);
  #left = 0;
  #state: 'length' | 'bytes' | 'end-of-chunk' | 'trailers' = 'length';

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    try {
      while (this.#step());
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: (error?: Error | null) => void): void {
    const complete = this.#state === 'trailers';
    done(complete ? null : incomplete('the body ends in the middle of a chunk'));
  }

  /** @returns true if the buffer may hold more to take */
  #step(): boolean {
    if (this.#state === 'bytes') return this.#takeBytes();
    const end = this.#buffer.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#buffer.subarray(0, end).toString('latin1');
    this.#buffer = this.#buffer.subarray(end + 2);
    if (this.#state === 'length') {
      this.#left = Number.parseInt(line.split(';')[0]!, 16);
      if (Number.isNaN(this.#left)) throw incomplete(`"${line.slice(0, 40)}" is not a chunk length`);
      this.#state = this.#left === 0 ? 'trailers' : 'bytes';
    } else if (this.#state === 'end-of-chunk') {
      this.#state = 'length';
    } else if (line.includes(':')) {
      const colon = line.indexOf(':');
      this.trailers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
    }
    return this.#buffer.length > 0;
  }

  #takeBytes(): boolean {
    const part = this.#buffer.subarray(0, this.#left);
    this.#buffer = this.#buffer.subarray(part.length);
    this.#left -= part.length;
    this.push(part);
    if (this.#left === 0) this.#state = 'end-of-chunk';
    return this.#buffer.length > 0;
  }
}

function incomplete(reason: string): ServiceError {
  return new ServiceError('IncompleteBody', reason);
}
