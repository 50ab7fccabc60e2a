import type { ServerResponse } from 'node:http';
import type { Service, ServiceRequest } from '../gateway/service.ts';
import { writeXml } from '../gateway/xml.ts';
import {
  createBucket,
  getVersioning,
  headBucket,
  listBuckets,
  listObjects,
  listObjectsV1,
  listVersions,
} from './listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart-actions.ts';
import { getNotifications } from './notifier.ts';
import { copyObject, deleteObject, getObject, getTags, putObject } from './object-actions.ts';
import { postObject } from './post-object.ts';
import { checkHeaders } from './put-headers.ts';
import { noSuchBucket, notImplemented, readPath, type S3Action, type S3ServiceProps } from './s3-call.ts';

/** The supported actions, each with its requests: the method, the kind of path, and the names that select the action. */
const ACTIONS: Readonly<Record<string, readonly [request: string, run: S3Action]>> = {
  ListBuckets: ['GET service', listBuckets],
  HeadBucket: ['HEAD bucket', headBucket],
  CreateBucket: ['PUT bucket', createBucket],
  GetBucketNotificationConfiguration: ['GET bucket notification', getNotifications],
  GetBucketVersioning: ['GET bucket versioning', getVersioning],
  ListObjects: ['GET bucket', listObjectsV1],
  ListObjectsV2: ['GET bucket list-type', listObjects],
  ListObjectVersions: ['GET bucket versions', listVersions],
  GetObject: ['GET object', getObject],
  HeadObject: ['HEAD object', getObject],
  GetObjectTagging: ['GET object tagging', getTags],
  PutObject: ['PUT object', putObject],
  PostObject: ['POST bucket', postObject],
  CopyObject: ['PUT object x-amz-copy-source', copyObject],
  DeleteObject: ['DELETE object', deleteObject],
  CreateMultipartUpload: ['POST object uploads', createMultipartUpload],
  UploadPart: ['PUT object partNumber uploadId', uploadPart],
  UploadPartCopy: ['PUT object partNumber uploadId x-amz-copy-source', uploadPartCopy],
  CompleteMultipartUpload: ['POST object uploadId', completeMultipartUpload],
  ListParts: ['GET object uploadId', listParts],
  AbortMultipartUpload: ['DELETE object uploadId', abortMultipartUpload],
};

/** The actions that check their own headers. */
const PUTS = ['CreateBucket', 'PutObject', 'PostObject', 'CopyObject', 'CreateMultipartUpload'];

/** Parameters that do not select an action. With any other, such as `acl`, a request matches none. */
const OPTIONS = {
  service: ['x-id'],
  object: ['x-id', 'versionId', 'max-parts', 'part-number-marker'],
  bucket: [
    'x-id',
    'continuation-token',
    'delimiter',
    'encoding-type',
    'fetch-owner',
    'key-marker',
    'marker',
    'max-keys',
    'prefix',
    'start-after',
    'version-id-marker',
  ],
};

/** Names the action of a request as the API of S3 does. @returns undefined if the local cloud does not support it */
export function nameS3Action({
  incoming,
  url,
}: Pick<ServiceRequest, 'incoming' | 'url'>): string | undefined {
  const { bucket, key } = readPath(url.pathname, url.searchParams);
  const kind = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const names = [...url.searchParams.keys()].filter((name) => !OPTIONS[kind].includes(name));
  if (incoming.headers['x-amz-copy-source'] !== undefined) names.push('x-amz-copy-source');
  const request = [incoming.method, kind, ...names.sort()].join(' ');
  return Object.keys(ACTIONS).find((name) => ACTIONS[name]![0] === request);
}

/** The actions of S3 that the SDK's basic commands and `aws s3` use, in path style, on versioned buckets. */
export class S3Service implements Service {
  #props: S3ServiceProps;

  constructor(props: S3ServiceProps) {
    this.#props = props;
  }

  async handle(request: ServiceRequest, response: ServerResponse): Promise<void> {
    const { incoming, url } = request;
    const path = readPath(url.pathname, url.searchParams);
    if (path.bucket !== '' && !this.#props.buckets.includes(path.bucket)) {
      throw noSuchBucket(path.bucket);
    }
    const action = nameS3Action(request);
    if (action === undefined) {
      throw notImplemented(`this request of S3: ${incoming.method} ${url.pathname}${url.search}`);
    }
    checkHeaders(incoming.headers, PUTS.includes(action));
    await ACTIONS[action]![1]({ ...request, ...this.#props, ...path, response });
  }

  writeError(response: ServerResponse, code: string, status: number, message: string): void {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(writeXml('Error', { Code: code, Message: message }));
  }
}
