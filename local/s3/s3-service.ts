import type { ServerResponse } from 'node:http';
import type { Service, ServiceRequest } from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import { writeXml } from '../gateway/xml.ts';
import type { AccessControl } from '../iam/access-control.ts';
import { decodePath, sendXml } from './http-values.ts';
import { listObjects, listVersions } from './listing.ts';
import { MultipartRequests } from './multipart-requests.ts';
import { ObjectRequests } from './object-requests.ts';
import type { ObjectStore } from './object-store.ts';
import { type Announce, type ObjectRequest, S3Resources } from './s3-resources.ts';

/** Supported query parameters of requests for an object; tagging, ACLs and others are refused. */
const OBJECT_PARAMETERS = ['versionId', 'x-id', 'partNumber', 'uploadId', 'uploads'];

export interface S3ServiceProps {
  readonly store: ObjectStore;
  readonly buckets: readonly string[];
  readonly access: AccessControl;
  readonly announce: Announce;
}

/** The actions of S3 that the SDK's basic commands and `aws s3` use, in path style, on versioned buckets. */
export class S3Service implements Service {
  #buckets: readonly string[];
  #resources: S3Resources;
  #objects: ObjectRequests;
  #multipart: MultipartRequests;

  constructor({ buckets, store, access, announce }: S3ServiceProps) {
    this.#buckets = buckets;
    this.#resources = new S3Resources(store, access);
    this.#objects = new ObjectRequests(this.#resources, announce);
    this.#multipart = new MultipartRequests(this.#resources, announce);
  }

  async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const [bucket = '', ...rest] = decodePath(request.url.pathname).slice(1).split('/');
    const key = rest.join('/');
    if (bucket === '') return this.#listBuckets(request, response);
    if (!this.#buckets.includes(bucket)) {
      throw new ServiceError('NoSuchBucket', 404, `The specified bucket does not exist: ${bucket}`);
    }
    const versionId = request.url.searchParams.get('versionId') ?? undefined;
    const objectRequest = { ...request, bucket, key, versionId };
    const handler = key === '' ? this.#bucketHandler(objectRequest) : this.#objectHandler(objectRequest);
    if (handler === undefined) {
      const what = `${request.incoming.method} ${request.url.pathname}${request.url.search}`;
      throw new ServiceError('NotImplemented', 501, `the local cloud does not know this S3 request: ${what}`);
    }
    await handler(objectRequest, response);
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(writeXml('Error', { Code: code, Message: message }));
  }

  #bucketHandler({ incoming, url }: ObjectRequest) {
    const has = (name: string) => url.searchParams.has(name);
    if (incoming.method === 'HEAD') return this.#headBucket.bind(this);
    if (incoming.method === 'POST' && has('delete')) return this.#objects.deleteMany.bind(this.#objects);
    if (incoming.method !== 'GET') return undefined;
    if (has('location')) return this.#getLocation.bind(this);
    if (has('versions')) return this.#listVersions.bind(this);
    if (has('list-type') || has('prefix') || [...url.searchParams].length === 0)
      return this.#listObjects.bind(this);
    return undefined;
  }

  #objectHandler({ incoming, url }: ObjectRequest) {
    const [objects, multipart] = [this.#objects, this.#multipart];
    const has = (name: string) => url.searchParams.has(name);
    const unknown = [...url.searchParams.keys()].find((name) => !OBJECT_PARAMETERS.includes(name));
    const isCopy = incoming.headers['x-amz-copy-source'] !== undefined;
    if (unknown !== undefined || (isCopy && has('partNumber'))) return undefined;
    switch (incoming.method) {
      case 'GET':
      case 'HEAD':
        return has('partNumber') || has('uploadId') ? undefined : objects.get.bind(objects);
      case 'PUT':
        if (has('partNumber')) return multipart.uploadPart.bind(multipart);
        return isCopy ? objects.copy.bind(objects) : objects.put.bind(objects);
      case 'POST':
        if (has('uploads')) return multipart.create.bind(multipart);
        return has('uploadId') ? multipart.complete.bind(multipart) : undefined;
      case 'DELETE':
        return has('uploadId') ? multipart.abort.bind(multipart) : objects.delete.bind(objects);
      default:
        return undefined;
    }
  }

  async #listBuckets({ caller }: ServiceRequest, response: ServerResponse): Promise<void> {
    this.#resources.access.authorize(caller, 's3:ListAllMyBuckets', '*');
    const Bucket = this.#buckets.map((Name) => ({ Name, CreationDate: new Date(0).toISOString() }));
    sendXml(response, 'ListAllMyBucketsResult', { Owner: { ID: 'local' }, Buckets: { Bucket } });
  }

  async #headBucket({ caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#resources.authorize(caller, 's3:ListBucket', bucket);
    response.writeHead(200).end();
  }

  async #getLocation({ caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#resources.authorize(caller, 's3:GetBucketLocation', bucket);
    sendXml(response, 'LocationConstraint', {});
  }

  async #listObjects({ caller, bucket, url }: ObjectRequest, response: ServerResponse): Promise<void> {
    const context = { 's3:prefix': url.searchParams.get('prefix') ?? '' };
    this.#resources.authorize(caller, 's3:ListBucket', bucket, undefined, context);
    sendXml(response, 'ListBucketResult', listObjects(this.#resources.store, bucket, url.searchParams));
  }

  async #listVersions({ caller, bucket, url }: ObjectRequest, response: ServerResponse): Promise<void> {
    const context = { 's3:prefix': url.searchParams.get('prefix') ?? '' };
    this.#resources.authorize(caller, 's3:ListBucketVersions', bucket, undefined, context);
    sendXml(response, 'ListVersionsResult', listVersions(this.#resources.store, bucket, url.searchParams));
  }
}
