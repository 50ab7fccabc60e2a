import { pipeline } from 'node:stream/promises';
import { readBody, readTarget, ServiceError } from '../gateway/service.ts';
import { readElements, readText } from '../gateway/xml.ts';
import type { ObjectVersion } from './object-files.ts';
import { checkReadable, storageClassOf } from './put-headers.ts';
import { receiveBody } from './receive-body.ts';
import {
  arnOf,
  authorize,
  authorizePut,
  authorizeVersion,
  checkWriteConditions,
  findVersion,
  invalidArgument,
  isUnmodified,
  newObject,
  noSuchBucket,
  readNumber,
  readPath,
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

/** GetObject, and HeadObject, which sends no bytes. */
export async function getObject(call: S3Call): Promise<void> {
  const { incoming, response, store } = call;
  authorizeVersion(call, 's3:GetObject');
  const version = findVersion(call);
  if (incoming.method !== 'HEAD') checkReadable(version);
  if (isUnmodified(incoming.headers, version)) {
    response.writeHead(304, describe(version)).end();
    return;
  }
  const { range } = incoming.headers;
  const { start, end } = readRange(range, version.size);
  response.writeHead(range === undefined ? 200 : 206, {
    ...describe(version),
    'accept-ranges': 'bytes',
    'content-length': end - start + 1,
    ...(range !== undefined && { 'content-range': `bytes ${start}-${end}/${version.size}` }),
  });
  if (incoming.method === 'HEAD' || end < start) response.end();
  else await pipeline(store.read(version, start, end), response);
}

export async function putObject(call: S3Call): Promise<void> {
  const { incoming, response, store, announce, bucket, key } = call;
  authorizePut(call);
  checkWriteConditions(incoming.headers, store.find(bucket, key));
  const object = newObject(call);
  const file = await receiveBody(store.files, call);
  // Another put may have come in the meantime.
  checkWriteConditions(incoming.headers, store.find(bucket, key));
  const version = store.put(object, file, 'Put');
  await announce(version, 'Put');
  response.writeHead(200, { etag: version.etag, 'x-amz-version-id': version.versionId }).end();
}

export async function copyObject(call: S3Call): Promise<void> {
  const { incoming, response, store, announce } = call;
  const { 'x-amz-copy-source': copySource, 'x-amz-metadata-directive': directive = 'COPY' } =
    incoming.headers;
  const { pathname, searchParams } = readTarget(String(copySource).replace(/^\/?/, '/'));
  const source = { ...call, ...readPath(pathname, searchParams) };
  if (!call.buckets.includes(source.bucket)) throw noSuchBucket(source.bucket);
  authorizeVersion(source, 's3:GetObject');
  authorizePut(call);
  const given = newObject(call);
  const from = findVersion(source);
  checkReadable(from);
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument(`Unknown metadata directive: ${directive}`);
  }
  const file = await store.files.receive(store.read(from, 0, from.size));
  // The class of the copy is never that of its source (S3 API reference, "CopyObject").
  const { 'x-amz-storage-class': _, ...copied } = from.metadata;
  const storageClass = storageClassOf(given);
  const kept = {
    ...given,
    contentType: from.contentType,
    metadata: { ...copied, 'x-amz-storage-class': storageClass },
  };
  const version = store.put(directive === 'REPLACE' ? given : kept, file, 'Copy');
  await announce(version, 'Copy');
  response.setHeader('x-amz-version-id', version.versionId);
  const LastModified = version.lastModified.toISOString();
  sendXml(response, 'CopyObjectResult', { ETag: version.etag, LastModified });
}

/** DeleteObject: adds a delete marker, or deletes one version for good. */
export async function deleteObject(call: S3Call): Promise<void> {
  const { response, store, bucket, key, versionId } = call;
  authorizeVersion(call, 's3:DeleteObject');
  const version = versionId === undefined ? undefined : store.find(bucket, key, versionId);
  if (version !== undefined) await store.deleteVersion(version);
  const marker = versionId ?? store.putDeleteMarker(bucket, key).versionId;
  response.writeHead(204, { 'x-amz-version-id': marker, 'x-amz-delete-marker': String(!versionId) }).end();
}

function describe(version: ObjectVersion): Record<string, string> {
  // S3 sends the class of every object but those of the standard class (S3 API reference, "GetObject").
  const { 'x-amz-storage-class': _, ...metadata } = version.metadata;
  const storageClass = storageClassOf(version);
  return {
    ...metadata,
    ...(storageClass !== 'STANDARD' && { 'x-amz-storage-class': storageClass }),
    etag: version.etag,
    'content-type': version.contentType,
    'last-modified': version.lastModified.toUTCString(),
    'x-amz-version-id': version.versionId,
  };
}

/** Reads which bytes a request is for, both ends included; without a range, all of them. */
function readRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size - 1 };
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  const [, first = '', last = ''] = match ?? [];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (match !== null && header !== 'bytes=-' && start <= end) return { start, end };
  throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416);
}

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
  const partNumber = url.searchParams.get('partNumber') ?? '';
  if (!/^\d{1,5}$/.test(partNumber) || Number(partNumber) < 1 || Number(partNumber) > MAX_PART_NUMBER) {
    throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
  }
  const file = await receiveBody(store.files, call);
  await store.putPart(uploadId, Number(partNumber), file);
  response.writeHead(200, { etag: file.etag }).end();
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
