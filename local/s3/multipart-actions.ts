import { Readable } from 'node:stream';
import { readBody, ServiceError } from '../gateway/service.ts';
import { readElements, readText } from '../gateway/xml.ts';
import { authorizeSource, findSource } from './object-actions.ts';
import { receiveBody } from './receive-body.ts';
import {
  arnOf,
  authorize,
  authorizePut,
  checkWriteConditions,
  invalidArgument,
  newObject,
  readNumber,
  type S3Call,
  sendXml,
} from './s3-call.ts';

/** Size limit for XML documents from clients. */
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;
/** Minimum size of a part, except for the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;
/** S3 user guide, "Amazon S3 multipart upload limits". */
const MAX_PART_NUMBER = 10_000;
const MAX_PARTS_OF_PAGE = 1_000;

export async function createMultipartUpload(call: S3Call): Promise<void> {
  const { bucket, key, store, response } = call;
  authorizePut(call);
  const UploadId = store.createUpload(newObject(call));
  sendXml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { store, url, response } = call;
  authorizePart(call);
  const uploadId = findUpload(call);
  const partNumber = readPartNumber(url.searchParams);
  const file = await receiveBody(store.files, call);
  await store.putPart(uploadId, partNumber, file);
  response.writeHead(200, { etag: file.etag }).end();
}

/** UploadPartCopy, with which the AWS CLI and boto3 copy objects from 8 MiB. */
export async function uploadPartCopy(call: S3Call): Promise<void> {
  const { incoming, store, url, response } = call;
  const source = authorizeSource(call);
  authorizePart(call);
  const uploadId = findUpload(call);
  const partNumber = readPartNumber(url.searchParams);
  const from = findSource(source);
  const { start, end } = readCopyRange(incoming.headers['x-amz-copy-source-range'], from.size);
  const file = await store.files.receive(end < start ? Readable.from([]) : store.read(from, start, end));
  await store.putPart(uploadId, partNumber, file);
  sendXml(response, 'CopyPartResult', { ETag: file.etag, LastModified: new Date().toISOString() });
}

/** Reads the bytes to copy, both ends included (S3 API reference, "UploadPartCopy"). */
function readCopyRange(header: string | string[] | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size - 1 };
  const [, start, end] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(String(header)) ?? [];
  if (start !== undefined && Number(start) <= Number(end) && Number(end) < size) {
    return { start: Number(start), end: Number(end) };
  }
  throw invalidArgument(
    'The x-amz-copy-source-range value must be bytes=first-last, within the source object',
  );
}

function readPartNumber(parameters: URLSearchParams): number {
  const text = parameters.get('partNumber') ?? '';
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_PART_NUMBER) return Number(text);
  throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
}

export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { incoming, body, bucket, key, store, announce, response } = call;
  authorizePart(call);
  const document = await readBody(body, MAX_DOCUMENT_BYTES);
  // Without a pause from here to the completion, in which another request might end the upload.
  const uploadId = findUpload(call);
  checkWriteConditions(incoming.headers, store.find(bucket, key));
  const received = new Map(store.parts(uploadId).map((part) => [part.partNumber, part]));
  const parts = readElements(document, 'Part').map((element) => {
    const part = received.get(Number(readText(element, 'PartNumber')));
    if (part?.etag === `"${readText(element, 'ETag')?.replaceAll('"', '')}"`) return part;
    throw new ServiceError('InvalidPart', 'One or more of the specified parts could not be found.');
  });
  if (parts.some(({ partNumber }, index) => index > 0 && partNumber <= parts[index - 1]!.partNumber)) {
    throw new ServiceError('InvalidPartOrder', 'The list of parts was not in ascending order.');
  }
  if (parts.length === 0) throw new ServiceError('MalformedXML', 'The upload is completed without parts.');
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
    throw new ServiceError('EntityTooSmall', 'A part that is not the last is smaller than 5 MiB.');
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (![undefined, String(size)].includes(incoming.headers['x-amz-mp-object-size'] as string)) {
    throw new ServiceError('InvalidRequest', 'The parts do not have the size in x-amz-mp-object-size.');
  }
  const version = await store.completeUpload(uploadId, parts);
  await announce(version, 'CompleteMultipartUpload');
  response.setHeader('x-amz-version-id', version.versionId);
  sendXml(response, 'CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: version.etag });
}

export async function abortMultipartUpload(call: S3Call): Promise<void> {
  authorize(call, 's3:AbortMultipartUpload');
  await call.store.abortUpload(findUpload(call));
  call.response.writeHead(204).end();
}

export async function listParts(call: S3Call): Promise<void> {
  const { bucket, key, store, url, response } = call;
  authorize(call, 's3:ListMultipartUploadParts');
  const uploadId = findUpload(call);
  const marker = readNumber(url.searchParams, 'part-number-marker', 0);
  const limit = Math.min(MAX_PARTS_OF_PAGE, readNumber(url.searchParams, 'max-parts', MAX_PARTS_OF_PAGE));
  const found = store.parts(uploadId).filter(({ partNumber }) => partNumber > marker);
  const parts = found.slice(0, limit);
  sendXml(response, 'ListPartsResult', {
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: parts.at(-1)?.partNumber ?? 0,
    MaxParts: limit,
    IsTruncated: parts.length < found.length,
    Part: parts.map(({ partNumber: PartNumber, etag: ETag, size: Size }) => ({ PartNumber, ETag, Size })),
  });
}

/** Authorizes a part, which is decrypted again when all parts are joined. */
function authorizePart(call: S3Call): void {
  authorize(call, 's3:PutObject');
  call.access.authorizeKey(call.caller, 'kms:Decrypt', arnOf(call));
}

function findUpload({ url, store, bucket, key }: S3Call): string {
  const uploadId = url.searchParams.get('uploadId') ?? '';
  const upload = store.findUpload(uploadId);
  if (upload?.bucket === bucket && upload.key === key) return uploadId;
  throw new ServiceError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
}
