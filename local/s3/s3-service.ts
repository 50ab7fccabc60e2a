import { createHash, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { readBody, type Service, type ServiceRequest } from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import type { AccessControl, Caller } from '../iam/access-control.ts';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { listObjects, listVersions } from './listing.ts';
import type { NewObject, ObjectStore, ObjectVersion, ReceivedFile } from './object-store.ts';
import { readElements, readText, writeXml, type XmlTree } from './xml.ts';

/** The largest body of one PutObject or UploadPart (S3 user guide, "Uploading objects"). */
const MAX_BODY_BYTES = 5 * 1024 ** 3;
/** The smallest part but for the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;

/** Query parameters of requests for an object that are understood; tagging, ACLs and others are not. */
const OBJECT_PARAMETERS = ['versionId', 'x-id', 'partNumber', 'uploadId', 'uploads'];

/** The kinds of `s3:ObjectCreated` events. */
export type CreationKind = 'Put' | 'Copy' | 'CompleteMultipartUpload';

export interface S3ServiceProps {
  readonly store: ObjectStore;
  readonly buckets: readonly string[];
  readonly access: AccessControl;
  /** Resolves when everybody who wants to know of the object was told. */
  readonly announce: (version: ObjectVersion, kind: CreationKind) => Promise<void>;
}

interface ObjectRequest extends ServiceRequest {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** The part of S3's API that the pipeline, its command line and `aws s3` use: path style, versioned buckets. */
export class S3Service implements Service {
  #props: S3ServiceProps;

  constructor(props: S3ServiceProps) {
    this.#props = props;
  }

  async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const [bucket = '', ...rest] = decodePath(request.url.pathname).slice(1).split('/');
    const key = rest.join('/');
    if (bucket === '') return this.#listBuckets(request, response);
    if (!this.#props.buckets.includes(bucket)) {
      throw new ServiceError('NoSuchBucket', 404, `The specified bucket does not exist: ${bucket}`);
    }
    const versionId = request.url.searchParams.get('versionId') ?? undefined;
    const objectRequest = { ...request, bucket, key, versionId };
    const handler = key === '' ? this.#bucketHandler(objectRequest) : this.#objectHandler(objectRequest);
    if (handler === undefined) {
      const what = `${request.incoming.method} ${request.url.pathname}${request.url.search}`;
      throw new ServiceError('NotImplemented', 501, `the local cloud does not know this S3 request: ${what}`);
    }
    await handler.call(this, objectRequest, response);
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(writeXml('Error', { Code: code, Message: message }).replace(/ xmlns="[^"]*"/, ''));
  }

  #bucketHandler({ incoming, url }: ObjectRequest) {
    const has = (name: string) => url.searchParams.has(name);
    if (incoming.method === 'HEAD') return this.#headBucket;
    if (incoming.method === 'POST' && has('delete')) return this.#deleteObjects;
    if (incoming.method !== 'GET') return undefined;
    if (has('location')) return this.#getLocation;
    if (has('versions')) return this.#listVersions;
    if (has('list-type') || has('prefix') || [...url.searchParams].length === 0) return this.#listObjects;
    return undefined;
  }

  #objectHandler({ incoming, url }: ObjectRequest) {
    const has = (name: string) => url.searchParams.has(name);
    const unknown = [...url.searchParams.keys()].find((name) => !OBJECT_PARAMETERS.includes(name));
    const isCopy = incoming.headers['x-amz-copy-source'] !== undefined;
    if (unknown !== undefined || (isCopy && has('partNumber'))) return undefined;
    switch (incoming.method) {
      case 'GET':
      case 'HEAD':
        return has('partNumber') || has('uploadId') ? undefined : this.#getObject;
      case 'PUT':
        if (has('partNumber')) return this.#uploadPart;
        return isCopy ? this.#copyObject : this.#putObject;
      case 'POST':
        if (has('uploads')) return this.#createMultipartUpload;
        return has('uploadId') ? this.#completeMultipartUpload : undefined;
      case 'DELETE':
        return has('uploadId') ? this.#abortMultipartUpload : this.#deleteObject;
      default:
        return undefined;
    }
  }

  async #listBuckets({ caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    this.#props.access.authorize(caller, 's3:ListAllMyBuckets', '*');
    const Bucket = this.#props.buckets.map((Name) => ({ Name, CreationDate: new Date(0).toISOString() }));
    sendXml(response, 'ListAllMyBucketsResult', { Owner: { ID: 'local' }, Buckets: { Bucket } });
  }

  async #headBucket({ caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#authorize(caller, 's3:ListBucket', bucket);
    response.writeHead(200).end();
  }

  async #getLocation({ caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#authorize(caller, 's3:GetBucketLocation', bucket);
    sendXml(response, 'LocationConstraint', {});
  }

  async #listObjects({ caller, bucket, url }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#authorize(caller, 's3:ListBucket', bucket);
    sendXml(response, 'ListBucketResult', listObjects(this.#props.store, bucket, url.searchParams));
  }

  async #listVersions({ caller, bucket, url }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#authorize(caller, 's3:ListBucketVersions', bucket);
    sendXml(response, 'ListVersionsResult', listVersions(this.#props.store, bucket, url.searchParams));
  }

  async #getObject(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key, versionId } = request;
    this.#authorize(caller, versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', bucket, key);
    const version = this.#find(caller, bucket, key, versionId);
    checkConditions(incoming.headers, version);
    const range = readRange(incoming.headers.range, version.size);
    response.writeHead(range === undefined ? 200 : 206, {
      ...describe(version),
      'accept-ranges': 'bytes',
      'content-length': range === undefined ? version.size : range.end - range.start + 1,
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${version.size}` }),
    });
    const { start, end } = range ?? { start: 0, end: version.size - 1 };
    if (incoming.method === 'HEAD' || end < start) response.end();
    else await pipeline(this.#props.store.read(version, start, end), response);
  }

  async #putObject(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    this.#authorize(caller, 's3:PutObject', bucket, key);
    checkConditions(incoming.headers, this.#newest(bucket, key));
    const file = await this.#receive(incoming);
    const version = this.#props.store.put(newObject(request), file);
    await this.#props.announce(version, 'Put');
    response.writeHead(200, { etag: version.etag, 'x-amz-version-id': version.versionId }).end();
  }

  async #copyObject(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    const source = new URL(
      String(incoming.headers['x-amz-copy-source']).replace(/^\/?/, '/'),
      'http://source',
    );
    const [sourceBucket = '', ...rest] = decodePath(source.pathname).slice(1).split('/');
    const sourceKey = rest.join('/');
    const sourceVersion = source.searchParams.get('versionId') ?? undefined;
    const action = sourceVersion === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    this.#authorize(caller, action, sourceBucket, sourceKey);
    this.#authorize(caller, 's3:PutObject', bucket, key);
    const from = this.#find(caller, sourceBucket, sourceKey, sourceVersion);
    const file = await this.#props.store.receive(this.#props.store.read(from, 0, from.size));
    const replaces = incoming.headers['x-amz-metadata-directive'] === 'REPLACE';
    const { contentType, metadata } = replaces ? newObject(request) : from;
    const version = this.#props.store.put({ bucket, key, contentType, metadata }, file);
    await this.#props.announce(version, 'Copy');
    response.setHeader('x-amz-version-id', version.versionId);
    sendXml(response, 'CopyObjectResult', {
      ETag: version.etag,
      LastModified: version.lastModified.toISOString(),
    });
  }

  async #createMultipartUpload(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { caller, bucket, key } = request;
    this.#authorize(caller, 's3:PutObject', bucket, key);
    const UploadId = this.#props.store.createMultipartUpload(newObject(request));
    sendXml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
  }

  async #uploadPart(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key, url } = request;
    this.#authorize(caller, 's3:PutObject', bucket, key);
    const uploadId = this.#uploadId(request);
    const file = await this.#receive(incoming);
    const etag = this.#props.store.putPart(uploadId, Number(url.searchParams.get('partNumber')), file);
    response.writeHead(200, { etag }).end();
  }

  async #completeMultipartUpload(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    this.#authorize(caller, 's3:PutObject', bucket, key);
    const uploadId = this.#uploadId(request);
    checkConditions(incoming.headers, this.#newest(bucket, key));
    const document = (await readBody(incoming, MAX_DOCUMENT_BYTES)).toString();
    const parts = readElements(document, 'Part').map((part) => ({
      partNumber: Number(readText(part, 'PartNumber')),
      etag: `"${readText(part, 'ETag')?.replaceAll('"', '')}"`,
    }));
    const sizes = this.#props.store.partSizes(uploadId);
    if (
      parts.slice(0, -1).some(({ partNumber }) => (sizes.get(partNumber) ?? MIN_PART_BYTES) < MIN_PART_BYTES)
    ) {
      throw new ServiceError('EntityTooSmall', 400, 'A part that is not the last is smaller than 5 MiB.');
    }
    const version = await this.#props.store.completeMultipartUpload(uploadId, parts);
    if (version === undefined) {
      throw new ServiceError('InvalidPart', 400, 'One or more of the specified parts could not be found.');
    }
    await this.#props.announce(version, 'CompleteMultipartUpload');
    response.setHeader('x-amz-version-id', version.versionId);
    sendXml(response, 'CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: version.etag });
  }

  async #abortMultipartUpload(request: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#authorize(request.caller, 's3:AbortMultipartUpload', request.bucket, request.key);
    await this.#props.store.abortMultipartUpload(this.#uploadId(request));
    response.writeHead(204).end();
  }

  async #deleteObject(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { caller, bucket, key, versionId } = request;
    this.#authorize(
      caller,
      versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
      bucket,
      key,
    );
    const marker = await this.#remove(bucket, key, versionId);
    response.writeHead(204, { 'x-amz-version-id': marker, 'x-amz-delete-marker': String(!versionId) }).end();
  }

  async #deleteObjects({ incoming, caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    const document = (await readBody(incoming, MAX_DOCUMENT_BYTES)).toString();
    const Deleted: XmlTree[] = [];
    for (const object of readElements(document, 'Object')) {
      const key = readText(object, 'Key') ?? '';
      const versionId = readText(object, 'VersionId');
      this.#authorize(
        caller,
        versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
        bucket,
        key,
      );
      await this.#remove(bucket, key, versionId);
      Deleted.push({ Key: key, VersionId: versionId });
    }
    sendXml(response, 'DeleteResult', { Deleted });
  }

  async #remove(bucket: string, key: string, versionId: string | undefined): Promise<string> {
    if (versionId === undefined) return this.#props.store.putDeleteMarker(bucket, key).versionId;
    const version = this.#props.store.find(bucket, key, versionId);
    if (version !== undefined) await this.#props.store.deleteVersion(version);
    return versionId;
  }

  #authorize(caller: Caller, action: string, bucket: string, key?: string): void {
    const resource = `arn:aws:s3:::${bucket}${key === undefined ? '' : `/${key}`}`;
    this.#props.access.authorize(caller, action, resource);
  }

  /** Who may not list the bucket is not told whether an object is there (S3 API reference, GetObject). */
  #find(caller: Caller, bucket: string, key: string, versionId: string | undefined): ObjectVersion {
    const version = this.#props.store.find(bucket, key, versionId);
    if (version !== undefined && !version.isDeleteMarker) return version;
    if (!this.#props.access.permits(caller, 's3:ListBucket', `arn:aws:s3:::${bucket}`)) {
      throw new ServiceError('AccessDenied', 403, 'Access Denied');
    }
    const code = versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion';
    throw new ServiceError(
      code,
      404,
      `The specified ${versionId === undefined ? 'key' : 'version'} does not exist.`,
    );
  }

  #newest(bucket: string, key: string): ObjectVersion | undefined {
    const version = this.#props.store.find(bucket, key);
    return version?.isDeleteMarker ? undefined : version;
  }

  #uploadId({ url, bucket, key }: ObjectRequest): string {
    const uploadId = url.searchParams.get('uploadId') ?? '';
    if (this.#props.store.hasMultipartUpload(bucket, key, uploadId)) return uploadId;
    throw new ServiceError('NoSuchUpload', 404, 'The specified multipart upload does not exist.');
  }

  async #receive(incoming: IncomingMessage): Promise<ReceivedFile> {
    const { headers } = incoming;
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
      throw new ServiceError('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size');
    }
    const isChunked = String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
    const decoder = isChunked ? new AwsChunkedDecoder() : undefined;
    const checksums = new Checksums(headers);
    const received = this.#props.store.receive(checksums);
    // An end before its time reaches whoever reads the checksummed stream.
    pipeline([incoming, ...(decoder ? [decoder] : []), checksums]).catch(() => undefined);
    const file = await received;
    const wrong = checksums.firstWrong({ ...headers, ...decoder?.trailers }, file.md5);
    if (wrong === undefined) return file;
    await this.#props.store.discard(file.name);
    throw new ServiceError(
      'BadDigest',
      400,
      `The ${wrong} you specified did not match the calculated checksum.`,
    );
  }
}

/** Passes a body on and verifies the checksums that came with it; S3 knows more kinds, which are passed over. */
class Checksums extends Transform {
  #crc32 = 0;
  #sha256: Hash | undefined;

  constructor(headers: IncomingHttpHeaders) {
    super();
    const announced = [...Object.keys(headers), String(headers['x-amz-trailer'])];
    if (announced.includes('x-amz-checksum-sha256')) this.#sha256 = createHash('sha256');
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#crc32 = crc32(chunk, this.#crc32);
    this.#sha256?.update(chunk);
    done(null, chunk);
  }

  firstWrong(headers: IncomingHttpHeaders, md5: Buffer): string | undefined {
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(this.#crc32);
    const actual: Record<string, string | undefined> = {
      'content-md5': md5.toString('base64'),
      'x-amz-checksum-crc32': crc.toString('base64'),
      'x-amz-checksum-sha256': this.#sha256?.digest('base64'),
    };
    return Object.keys(actual).find((name) => headers[name] !== undefined && headers[name] !== actual[name]);
  }
}

function decodePath(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    throw new ServiceError('InvalidURI', 400, "Couldn't parse the specified URI.");
  }
}

/** Conditions on the version that is there (S3 user guide, "Conditional requests"). */
function checkConditions(headers: IncomingHttpHeaders, version: ObjectVersion | undefined): void {
  const { 'if-match': wanted, 'if-none-match': unwanted } = headers;
  const isDated = headers['if-modified-since'] !== undefined || headers['if-unmodified-since'] !== undefined;
  if (isDated) throw new ServiceError('NotImplemented', 501, 'the local cloud knows no conditions on dates');
  const isAsWanted = wanted === undefined || wanted === version?.etag;
  const isUnwanted = version !== undefined && (unwanted === '*' || unwanted === version.etag);
  if (isAsWanted && !isUnwanted) return;
  throw new ServiceError(
    'PreconditionFailed',
    412,
    'At least one of the pre-conditions you specified did not hold',
  );
}

function sendXml(response: ServerResponse, root: string, tree: XmlTree): void {
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(writeXml(root, tree));
}

function newObject({ incoming, bucket, key }: ObjectRequest): NewObject {
  const metadata = Object.entries(incoming.headers).flatMap(([name, value]) =>
    name.startsWith('x-amz-meta-') ? [[name.slice('x-amz-meta-'.length), String(value)]] : [],
  );
  const contentType = incoming.headers['content-type'] ?? 'binary/octet-stream';
  return { bucket, key, contentType, metadata: Object.fromEntries(metadata) };
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

function readRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
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
