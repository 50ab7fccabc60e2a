import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { ServiceError } from '../gateway/service-error.ts';
import { writeXml, type XmlTree } from '../gateway/xml.ts';
import type { NewObject, ObjectVersion } from './object-versions.ts';
import type { ObjectRequest } from './s3-resources.ts';

const XML_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
/** Size limit for XML documents from clients. */
export const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;

export function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new ServiceError('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}

/** Checks conditions on the existing version (S3 user guide, "Conditional requests"). */
export function checkConditions(headers: IncomingHttpHeaders, version: ObjectVersion | undefined): void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers;
  const isDated = headers['if-modified-since'] !== undefined || headers['if-unmodified-since'] !== undefined;
  if (isDated)
    throw new ServiceError('NotImplemented', 501, 'the local cloud does not support conditions on dates');
  const isAsWanted = wanted === undefined || wanted === version?.etag;
  const isUnwanted = version !== undefined && (unwanted === '*' || unwanted === version.etag);
  if (isAsWanted && !isUnwanted) return;
  throw new ServiceError(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
  );
}

export function sendXml(response: ServerResponse, root: string, tree: XmlTree): void {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(writeXml(root, tree, XML_NAMESPACE));
}

export function newObject({ incoming, bucket, key }: ObjectRequest): NewObject {
  const metadata = Object.entries(incoming.headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)]] : [],
  );
  const contentType = incoming.headers['content-type'] ?? 'binary/octet-stream';
  return { bucket, key, contentType, metadata: Object.fromEntries(metadata) };
}

export function describe(version: ObjectVersion): Record<string, string> {
  const metadata = Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    etag: version.etag,
    'content-type': version.contentType,
    'last-modified': version.lastModified.toUTCString(),
    'x-amz-version-id': version.versionId,
    ...Object.fromEntries(metadata),
  };
}

export function readRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes=(\d*)-(\d*)$/.exec(header);
  const [, first = '', last = ''] = match ?? [];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (match === null || header === 'bytes=-' || start > end) {
    throw new ServiceError('InvalidRange', 416, 'The requested range is not satisfiable');
  }
  return { start, end };
}
