import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { ServiceError, type ServiceRequest } from '../gateway/service.ts';
import type { ObjectFiles, StoredFile } from './object-files.ts';

/** Size limit of one PutObject or UploadPart (S3 user guide, "Uploading objects"). */
const MAX_BODY_BYTES = 5 * 1024 ** 3;

/**
 * Streams the body of PutObject or UploadPart into a file, and verifies the MD5, CRC32 and SHA-256 that came with it.
 * Other algorithms of S3 are not verified.
 */
export async function receiveBody(
  files: ObjectFiles,
  { incoming: { headers }, body, trailers }: ServiceRequest,
): Promise<StoredFile> {
  const isChunked = String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
  const expectedSize = readSize(headers, isChunked);
  const announced = [...Object.keys(headers), String(headers['x-amz-trailer'])];
  const sha256 = announced.includes('x-amz-checksum-sha256') ? createHash('sha256') : undefined;
  let crc = 0;
  async function* digest() {
    for await (const chunk of body) {
      crc = crc32(chunk, crc);
      sha256?.update(chunk);
      yield chunk;
    }
  }
  const file = await files.receive(digest());
  if (file.size !== expectedSize) {
    await files.discard(file.name);
    const message = 'the body does not have the number of bytes that the headers give';
    throw new ServiceError('IncompleteBody', message);
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
