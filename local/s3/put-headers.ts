import type { IncomingHttpHeaders } from 'node:http';
import { ACCOUNT } from '../assembly/template.ts';
import { ServiceError } from '../gateway/service.ts';
import type { ObjectVersion } from './object-files.ts';

/** Headers that are read, or that change nothing here. Every other one of S3 is refused, so that none is ignored. */
const KNOWN =
  /^x-amz-(content-sha256|date|security-token|user-agent|checksum-[\w-]+|sdk-checksum-algorithm|trailer|decoded-content-length|(source-)?expected-bucket-owner|copy-source(-range|-if-match)?|metadata-directive|mp-object-size)$/;
/** Headers of a new object that every answer with the object repeats. */
const OF_OBJECT =
  /^(x-amz-meta-.*|x-amz-storage-class|cache-control|content-disposition|content-encoding|content-language|expires)$/;
/** Permissions that headers of a new object need (S3 user guide, "Required permissions for Amazon S3 API operations"). */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
  [/^x-amz-tagging$/, 's3:PutObjectTagging'],
  [/^x-amz-(acl|grant-.*)$/, 's3:PutObjectAcl'],
  [/^x-amz-object-lock-legal-hold$/, 's3:PutObjectLegalHold'],
  [/^x-amz-object-lock-.*$/, 's3:PutObjectRetention'],
];
/** Names and values of the metadata together (S3 user guide, "Working with object metadata"). */
const MAX_METADATA_BYTES = 2_048;
const STANDARD = 'STANDARD';
const ARCHIVES = ['GLACIER', 'DEEP_ARCHIVE'];
const STORAGE_CLASSES = [
  STANDARD,
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  ...ARCHIVES,
];

/** Checks the headers of any request. @throws {ServiceError} */
export function checkHeaders(headers: IncomingHttpHeaders, isPut: boolean): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    if (![undefined, ACCOUNT].includes(headers[name] as string)) {
      throw new ServiceError('AccessDenied', 'Access Denied', 403);
    }
  }
  // The headers of a put are checked once it is authorized: a policy may deny one.
  if (!isPut) refuseUnknown(Object.keys(headers));
}

/** Lists the permissions that a put needs in addition to its own. */
export function permissionsOfHeaders(headers: IncomingHttpHeaders): string[] {
  const found = Object.keys(headers).flatMap((header) => {
    return PERMISSIONS.find(([pattern]) => pattern.test(header))?.[1] ?? [];
  });
  return [...new Set(found)];
}

/** Reads the headers that are kept with a new object. @throws {ServiceError} for one that the bucket or the local cloud refuses */
export function readObjectHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const { 'x-amz-storage-class': storageClass = STANDARD } = headers;
  checkAcl(headers);
  if (!STORAGE_CLASSES.includes(String(storageClass))) {
    throw new ServiceError('InvalidStorageClass', 'The storage class you specified is not valid');
  }
  const metadata = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const text = metadata.map(([name, value]) => `${name.slice('x-amz-meta-'.length)}${value}`).join('');
  if (Buffer.byteLength(text) > MAX_METADATA_BYTES) {
    throw new ServiceError(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
    );
  }
  const kept = Object.entries(headers).filter(([name]) => OF_OBJECT.test(name));
  refuseUnknown(Object.keys(headers).filter((name) => name !== 'x-amz-acl' && !OF_OBJECT.test(name)));
  return Object.fromEntries(
    kept
      .map(([name, value]) => [
        name,
        name === 'content-encoding' ? withoutChunks(String(value)) : String(value),
      ])
      .filter(([, value]) => value !== ''),
  );
}

/** Checks the headers of CreateBucket, once it is authorized. @throws {ServiceError} */
export function checkBucketHeaders(headers: IncomingHttpHeaders): void {
  checkAcl(headers);
  refuseUnknown(Object.keys(headers).filter((name) => name !== 'x-amz-acl'));
}

/** New buckets enforce the owner (S3 user guide, "Controlling ownership of objects"). */
function checkAcl(headers: IncomingHttpHeaders): void {
  const grants = Object.keys(headers).some((name) => name.startsWith('x-amz-grant-'));
  if (grants || ![undefined, 'bucket-owner-full-control'].includes(headers['x-amz-acl'] as string)) {
    throw new ServiceError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
  }
}

/** Removes `aws-chunked`, which S3 does not store. */
function withoutChunks(encoding: string): string {
  return encoding
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'aws-chunked')
    .join(',');
}

function refuseUnknown(names: readonly string[]): void {
  const unknown = names.find((name) => name.startsWith('x-amz-') && !KNOWN.test(name));
  if (unknown === undefined) return;
  throw new ServiceError('NotImplemented', `the local cloud does not support the header ${unknown}`, 501);
}

export function storageClassOf({ metadata }: Pick<ObjectVersion, 'metadata'>): string {
  return metadata['x-amz-storage-class'] ?? STANDARD;
}

/** @throws {ServiceError} for an archived object, which the local cloud cannot restore */
export function checkReadable(version: ObjectVersion): void {
  if (!ARCHIVES.includes(storageClassOf(version))) return;
  const message = "The operation is not valid for the object's storage class";
  throw new ServiceError('InvalidObjectState', message, 403);
}
