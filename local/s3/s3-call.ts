import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { NotificationModel } from '../assembly/readers/storage-readers.ts';
import { ServiceError, type ServiceRequest } from '../gateway/service.ts';
import { writeXml, type XmlTree } from '../gateway/xml.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { CreationKind, NewObject, ObjectVersion } from './object-files.ts';
import type { ObjectStore } from './object-store.ts';
import { permissionsOfHeaders, readObjectHeaders } from './put-headers.ts';

const XML_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

export interface S3ServiceProps {
  readonly store: ObjectStore;
  readonly buckets: readonly string[];
  readonly notifications: readonly NotificationModel[];
  readonly access: AccessControl;
  /** Resolves when the events for the version have been sent. */
  readonly announce: (version: ObjectVersion, kind: CreationKind) => Promise<void>;
}

/** The path of a request; the key is empty for a bucket, and both names are for the service. */
interface S3Path {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** A request with everything that its action needs. */
export interface S3Call extends ServiceRequest, S3ServiceProps, S3Path {
  readonly response: ServerResponse;
}

export type S3Action = (call: S3Call) => Promise<void>;

/** S3 user guide, "Naming Amazon S3 objects". */
const MAX_KEY_BYTES = 1_024;

/**
 * @param path as in a URL, such as `/bucket/folder/file.csv`
 * @throws {ServiceError} if the path is not UTF-8 or the key is too long
 */
export function readPath(path: string, parameters: URLSearchParams): S3Path {
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const names = { bucket: decode(bucket), key: decode(key) };
  if (!path.startsWith('/')) throw invalidUri();
  if (Buffer.byteLength(names.key) > MAX_KEY_BYTES) {
    throw new ServiceError('KeyTooLongError', 'Your key is too long');
  }
  return { ...names, versionId: parameters.get('versionId') ?? undefined };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidUri();
  }
}

function invalidUri(): ServiceError {
  return new ServiceError('InvalidURI', "Couldn't parse the specified URI.");
}

/** Encodes a key as in S3's events and, on request, in its listings. */
export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+');
}

export function arnOf({ bucket, key }: S3Path): string {
  return `arn:aws:s3:::${bucket}${key && `/${key}`}`;
}

/** @throws {AccessDeniedError} if the caller may not do this to the bucket or object of the call */
export function authorize(call: S3Call, action: string, context: Record<string, string> = {}): void {
  const headers = action === 's3:PutObject' ? readPutHeaders(call.incoming.headers) : {};
  call.access.authorize(call.caller, action, arnOf(call), { ...headers, ...context });
}

/** Reads the condition keys of a put, which are its headers (S3 user guide, "Bucket policy examples using condition keys"). */
function readPutHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const given = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-'));
  return Object.fromEntries(given.map(([name, value]) => [`s3:${name}`, String(value)]));
}

/** Authorizes a put, and each of its headers that needs a permission. */
export function authorizePut(call: S3Call): void {
  authorize(call, 's3:PutObject');
  for (const action of permissionsOfHeaders(call.incoming.headers)) authorize(call, action);
}

/** Authorizes an action whose permission for an older version has another name. */
export function authorizeVersion(call: S3Call, action: 's3:GetObject' | 's3:DeleteObject'): void {
  authorize(call, call.versionId === undefined ? action : `${action}Version`);
}

/** Finds a version. Without permission to list the bucket, a missing one is AccessDenied (S3 API reference, GetObject). */
export function findVersion({ store, access, caller, bucket, key, versionId }: S3Call): ObjectVersion {
  const version = store.find(bucket, key, versionId);
  if (version !== undefined && !version.isDeleteMarker) return version;
  if (!access.permits(caller, 's3:ListBucket', `arn:aws:s3:::${bucket}`)) {
    throw new ServiceError('AccessDenied', 'Access Denied', 403);
  }
  throw versionId === undefined ? noSuch('NoSuchKey', 'key') : noSuch('NoSuchVersion', 'version');
}

/**
 * Checks the conditions of a read (S3 user guide, "Conditional requests").
 * @returns whether the caller has this version already
 */
export function isUnmodified(headers: IncomingHttpHeaders, { etag }: ObjectVersion): boolean {
  checkIfMatch(headers, etag);
  return headers['if-none-match'] === '*' || headers['if-none-match'] === etag;
}

/** Checks the conditions of a write on the newest version (S3 user guide, "Conditional requests"). */
export function checkWriteConditions(headers: IncomingHttpHeaders, newest: ObjectVersion | undefined): void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers;
  const existing = newest?.isDeleteMarker ? undefined : newest;
  if (unwanted !== undefined && unwanted !== '*')
    throw notImplemented('If-None-Match with an entity tag in a write');
  if (wanted !== undefined && existing === undefined) throw noSuch('NoSuchKey', 'key');
  checkIfMatch(headers, existing?.etag);
  if (unwanted !== undefined && existing !== undefined) throw preconditionFailed();
}

function checkIfMatch(headers: IncomingHttpHeaders, etag: string | undefined): void {
  if ((headers['if-modified-since'] ?? headers['if-unmodified-since']) !== undefined) {
    throw notImplemented('conditions on dates');
  }
  if (![undefined, etag].includes(headers['if-match'])) throw preconditionFailed();
}

export function preconditionFailed(): ServiceError {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new ServiceError('PreconditionFailed', message, 412);
}

export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `the local cloud does not support ${what}`, 501);
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgument', message);
}

export function noSuchBucket(bucket: string): ServiceError {
  return new ServiceError('NoSuchBucket', `The specified bucket does not exist: ${bucket}`, 404);
}

/** Reads a parameter that is a number. @throws {ServiceError} InvalidArgument */
export function readNumber(parameters: URLSearchParams, name: string, byDefault: number): number {
  const text = parameters.get(name) ?? String(byDefault);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw invalidArgument(`Provided ${name} not an integer or within integer range`);
}

function noSuch(code: string, what: string): ServiceError {
  return new ServiceError(code, `The specified ${what} does not exist.`, 404);
}

export function sendXml(response: ServerResponse, root: string, tree: XmlTree): void {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(writeXml(root, tree, XML_NAMESPACE));
}

/** Reads the key and the headers of a put. @throws {ServiceError} for a header that is not supported */
export function newObject({ incoming, bucket, key }: S3Call): NewObject {
  const { 'content-type': contentType = 'binary/octet-stream' } = incoming.headers;
  return { bucket, key, contentType, metadata: readObjectHeaders(incoming.headers) };
}
