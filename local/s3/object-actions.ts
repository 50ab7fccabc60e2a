import { pipeline } from 'node:stream/promises';
import { readBody, readTarget, ServiceError } from '../gateway/service.ts';
import { readElements, readText } from '../gateway/xml.ts';
import type { ObjectVersion } from './object-files.ts';
import { receiveBody } from './receive-body.ts';
import {
  arnOf,
  authorize,
  authorizeVersion,
  checkConditions,
  findVersion,
  newObject,
  readPath,
  type S3Call,
  sendXml,
} from './s3-call.ts';

/** Size limit for XML documents from clients. */
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;
/** Minimum size of a part, except for the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** GetObject, and HeadObject, which sends no bytes. */
export async function getObject(call: S3Call): Promise<void> {
  const { incoming, response, store } = call;
  authorizeVersion(call, 's3:GetObject');
  const version = findVersion(call);
  checkConditions(incoming.headers, version);
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
  authorize(call, 's3:PutObject');
  checkConditions(incoming.headers, store.find(bucket, key));
  const version = store.put(newObject(call), await receiveBody(store.files, incoming), 'Put');
  await announce(version, 'Put');
  response.writeHead(200, { etag: version.etag, 'x-amz-version-id': version.versionId }).end();
}

export async function copyObject(call: S3Call): Promise<void> {
  const { incoming, response, store, announce, bucket, key } = call;
  const { pathname, searchParams } = readTarget(
    String(incoming.headers['x-amz-copy-source']).replace(/^\/?/, '/'),
  );
  const source = { ...call, ...readPath(pathname, searchParams) };
  authorizeVersion(source, 's3:GetObject');
  authorize(call, 's3:PutObject');
  const from = findVersion(source);
  const file = await store.files.receive(store.read(from, 0, from.size));
  const replaces = incoming.headers['x-amz-metadata-directive'] === 'REPLACE';
  const { contentType, metadata } = replaces ? newObject(call) : from;
  const version = store.put({ bucket, key, contentType, metadata }, file, 'Copy');
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
  const metadata = Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    etag: version.etag,
    'content-type': version.contentType,
    'last-modified': version.lastModified.toUTCString(),
    'x-amz-version-id': version.versionId,
    ...Object.fromEntries(metadata),
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
  authorize(call, 's3:PutObject');
  const UploadId = store.createUpload(newObject(call));
  sendXml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { incoming, store, url, response } = call;
  authorizePart(call);
  const uploadId = findUpload(call);
  const file = await receiveBody(store.files, incoming);
  store.putPart(uploadId, Number(url.searchParams.get('partNumber')), file);
  response.writeHead(200, { etag: file.etag }).end();
}

export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { incoming, bucket, key, store, announce, response } = call;
  authorizePart(call);
  const uploadId = findUpload(call);
  checkConditions(incoming.headers, store.find(bucket, key));
  const document = await readBody(incoming, MAX_DOCUMENT_BYTES);
  const received = store.parts(uploadId);
  const parts = readElements(document, 'Part').map((element) => {
    const etag = `"${readText(element, 'ETag')?.replaceAll('"', '')}"`;
    const partNumber = Number(readText(element, 'PartNumber'));
    const part = received.find((each) => each.partNumber === partNumber && each.etag === etag);
    if (part !== undefined) return part;
    throw new ServiceError('InvalidPart', 'One or more of the specified parts could not be found.');
  });
  if (parts.length === 0) throw new ServiceError('MalformedXML', 'The upload is completed without parts.');
  if (parts.slice(0, -1).some(({ size }) => size < MIN_PART_BYTES)) {
    throw new ServiceError('EntityTooSmall', 'A part that is not the last is smaller than 5 MiB.');
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
