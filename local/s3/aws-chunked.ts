import { Transform } from 'node:stream';
import { ServiceError } from '../gateway/service-error.ts';

/**
 * Removes the framing of `aws-chunked` (S3 API reference, "Signature calculations: transferring payload in
 * multiple chunks"): each chunk is `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, and after one of length 0
 * come trailing headers, which the caller finds in `trailers` when the stream has ended.
 */
export class AwsChunkedDecoder extends Transform {
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
  return new ServiceError('IncompleteBody', 400, reason);
}
