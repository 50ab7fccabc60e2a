import { pipeline } from 'node:stream/promises';
import { readTarget, ServiceError } from '../gateway/service.ts';
import type { ObjectVersion } from './object-files.ts';
import { checkReadable, storageClassOf } from './put-headers.ts';
import { receiveBody } from './receive-body.ts';
import {
  authorize,
  authorizePut,
  authorizeVersion,
  checkWriteConditions,
  findVersion,
  invalidArgument,
  isUnmodified,
  newObject,
  noSuchBucket,
  notImplemented,
  preconditionFailed,
  readPath,
  type S3Call,
  sendXml,
} from './s3-call.ts';

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
  const { 'x-amz-metadata-directive': directive = 'COPY' } = incoming.headers;
  const source = authorizeSource(call);
  authorizePut(call);
  const given = newObject(call);
  if (incoming.headers['x-amz-copy-source-range'] !== undefined)
    throw notImplemented('a range in CopyObject');
  const from = findSource(source);
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

/** Reads the source of a copy, and authorizes to read it. */
export function authorizeSource(call: S3Call): S3Call {
  const copySource = String(call.incoming.headers['x-amz-copy-source']);
  const { pathname, searchParams } = readTarget(copySource.replace(/^\/?/, '/'));
  const source = { ...call, ...readPath(pathname, searchParams) };
  if (!call.buckets.includes(source.bucket)) throw noSuchBucket(source.bucket);
  authorizeVersion(source, 's3:GetObject');
  return source;
}

/** Finds the version to copy. @throws {ServiceError} if it cannot be read, or is not the one that the caller expects */
export function findSource(source: S3Call): ObjectVersion {
  const from = findVersion(source);
  checkReadable(from);
  const { 'x-amz-copy-source-if-match': etag = from.etag } = source.incoming.headers;
  if (etag !== from.etag) throw preconditionFailed();
  return from;
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

/** GetObjectTagging: an object has no tags, because they are refused. */
export async function getTags(call: S3Call): Promise<void> {
  authorize(call, call.versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging');
  call.response.setHeader('x-amz-version-id', findVersion(call).versionId);
  sendXml(call.response, 'Tagging', { TagSet: {} });
}
