import { pipeline } from 'node:stream/promises';
import { ServiceError } from '../gateway/service.ts';
import type { ObjectVersion } from './object-versions.ts';
import { receiveBody } from './receive-body.ts';
import {
  authorize,
  authorizeVersion,
  checkConditions,
  findVersion,
  newObject,
  readPath,
  type S3Call,
  sendXml,
} from './s3-call.ts';

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
  const path = String(incoming.headers['x-amz-copy-source']).replace(/^\/?/, '/');
  const { pathname, searchParams } = new URL(path, 'http://source');
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
