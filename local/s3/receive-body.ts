import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../gateway/service.ts';
import type { ObjectFiles, StoredFile } from './object-files.ts';

/** Size limit of one PutObject or UploadPart (S3 user guide, "Uploading objects"). */
const MAX_BODY_BYTES = 5 * 1024 ** 3;
/** Limit for the lines between chunks, well above that of a signature or a checksum. */
const MAX_LINE_BYTES = 65_536;

/**
 * Streams the body of PutObject or UploadPart into a file, and verifies the MD5, CRC32 and SHA-256 that came with it.
 * Other algorithms of S3 are not verified.
 */
export async function receiveBody(files: ObjectFiles, incoming: IncomingMessage): Promise<StoredFile> {
  const { headers } = incoming;
  const isChunked = String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const expectedSize = readSize(headers, isChunked);
  const trailers: Record<string, string> = {};
  const announced = [...Object.keys(headers), String(headers['x-amz-trailer'])];
  const sha256 = announced.includes('x-amz-checksum-sha256') ? createHash('sha256') : undefined;
  let crc = 0;
  async function* digest(body: AsyncIterable<Buffer>) {
    for await (const chunk of body) {
      crc = crc32(chunk, crc);
      sha256?.update(chunk);
      yield chunk;
    }
  }
  const file = await files.receive(digest(isChunked ? decodeChunks(incoming, trailers) : incoming));
  if (file.size !== expectedSize) {
    await files.discard(file.name);
    throw incomplete('the body does not have the number of bytes that the headers give');
  }
  const crcBytes = Buffer.alloc(4);
  crcBytes.writeUInt32BE(crc);
  const actual: Record<string, string | undefined> = {
    'content-md5': Buffer.from(file.etag.slice(1, -1), 'hex').toString('base64'),
    'x-amz-checksum-crc32': crcBytes.toString('base64'),
    'x-amz-checksum-sha256': sha256?.digest('base64'),
  };
  const expected: NodeJS.Dict<string | string[]> = { ...headers, ...trailers };
  const wrong = Object.keys(actual).find(
    (name) => ![undefined, actual[name]].includes(expected[name] as string),
  );
  if (wrong === undefined) return file;
  await files.discard(file.name);
  throw new ServiceError('BadDigest', `The ${wrong} you specified did not match the calculated checksum.`);
}

/** Reads the size of the object, which S3 requires before the body. */
function readSize(headers: IncomingHttpHeaders, isChunked: boolean): number {
  const header = headers[isChunked ? 'x-amz-decoded-content-length' : 'content-length'];
  if (!/^\d{1,15}$/.test(String(header))) {
    const message = 'You must provide the Content-Length HTTP header.';
    throw new ServiceError('MissingContentLength', message, 411);
  }
  if (Number(header) <= MAX_BODY_BYTES) return Number(header);
  throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

/**
 * Removes the framing of `aws-chunked` (S3 API reference, "Signature calculations: transferring payload in
 * multiple chunks"): each chunk is `<hex length>[;chunk-signature=…]\r\n<bytes>\r\n`, and after one of length 0
 * come trailing headers and an empty line.
 * @param trailers receives these headers
 */
async function* decodeChunks(body: IncomingMessage, trailers: Record<string, string>) {
  const pieces: AsyncIterator<Buffer> = body.iterator({ destroyOnReturn: false });
  let buffer: Buffer = Buffer.alloc(0);
  const readMore = async () => {
    const { value, done } = await pieces.next();
    if (done) throw incomplete('the body ends in the middle of a chunk');
    buffer = buffer.length === 0 ? value : Buffer.concat([buffer, value]);
  };
  const readLine = async () => {
    while (!buffer.includes('\r\n')) {
      if (buffer.length > MAX_LINE_BYTES) throw incomplete('a line between two chunks is too long');
      await readMore();
    }
    const line = buffer.subarray(0, buffer.indexOf('\r\n')).toString('latin1');
    buffer = buffer.subarray(line.length + 2);
    return line;
  };
  try {
    for (;;) {
      const line = await readLine();
      const [length = ''] = line.split(';');
      if (!/^[0-9a-f]{1,12}$/i.test(length)) {
        throw incomplete(`"${line.slice(0, 40)}" is not a chunk length`);
      }
      let left = Number.parseInt(length, 16);
      if (left === 0) break;
      while (left > 0) {
        if (buffer.length === 0) await readMore();
        const part = buffer.subarray(0, left);
        buffer = buffer.subarray(part.length);
        left -= part.length;
        yield part;
      }
      await readLine();
    }
    for (let line = await readLine(); line !== ''; line = await readLine()) {
      const [name = '', value = ''] = line.split(/:(.*)/);
      trailers[name.toLowerCase()] = value.trim();
    }
  } finally {
    // The connection serves other requests once the rest of this one has been read.
    await pieces.return?.();
    body.resume();
  }
}

function incomplete(reason: string): ServiceError {
  return new ServiceError('IncompleteBody', reason);
}
