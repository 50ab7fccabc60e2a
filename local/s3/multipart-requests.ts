import type { ServerResponse } from 'node:http';
import { readBody } from '../gateway/service.ts';
import { ServiceError } from '../gateway/service-error.ts';
import { readElements, readText } from '../gateway/xml.ts';
import { checkConditions, MAX_DOCUMENT_BYTES, newObject, sendXml } from './http-values.ts';
import { receiveBody } from './receive-body.ts';
import type { Announce, ObjectRequest, S3Resources } from './s3-resources.ts';

/** Minimum size of a part, except for the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

/** The actions of multipart uploads. */
export class MultipartRequests {
  #resources: S3Resources;
  #announce: Announce;

  constructor(resources: S3Resources, announce: Announce) {
    this.#resources = resources;
    this.#announce = announce;
  }

  async create(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { caller, bucket, key } = request;
    this.#resources.authorize(caller, 's3:PutObject', bucket, key);
    const UploadId = this.#resources.store.multipart.create(newObject(request));
    sendXml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
  }

  async uploadPart(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key, url } = request;
    this.#resources.authorizePart(caller, bucket, key);
    const uploadId = this.#uploadId(request);
    const file = await receiveBody(this.#resources.store.files, incoming);
    const etag = this.#resources.store.multipart.putPart(
      uploadId,
      Number(url.searchParams.get('partNumber')),
      file,
    );
    response.writeHead(200, { etag }).end();
  }

  async complete(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    this.#resources.authorizePart(caller, bucket, key);
    const uploadId = this.#uploadId(request);
    checkConditions(incoming.headers, this.#resources.newest(bucket, key));
    const document = (await readBody(incoming, MAX_DOCUMENT_BYTES)).toString();
    const parts = readElements(document, 'Part').map((part) => ({
      partNumber: Number(readText(part, 'PartNumber')),
      etag: `"${readText(part, 'ETag')?.replaceAll('"', '')}"`,
    }));
    const sizes = this.#resources.store.multipart.partSizes(uploadId);
    if (
      parts.slice(0, -1).some(({ partNumber }) => (sizes.get(partNumber) ?? MIN_PART_BYTES) < MIN_PART_BYTES)
    ) {
      throw new ServiceError('EntityTooSmall', 400, 'A part that is not the last is smaller than 5 MiB.');
    }
    const version = await this.#resources.store.multipart.complete(uploadId, parts);
    if (version === undefined) {
      throw new ServiceError('InvalidPart', 400, 'One or more of the specified parts could not be found.');
    }
    await this.#announce(version, 'CompleteMultipartUpload');
    response.setHeader('x-amz-version-id', version.versionId);
    sendXml(response, 'CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: version.etag });
  }

  async abort(request: ObjectRequest, response: ServerResponse): Promise<void> {
    this.#resources.authorize(request.caller, 's3:AbortMultipartUpload', request.bucket, request.key);
    await this.#resources.store.multipart.abort(this.#uploadId(request));
    response.writeHead(204).end();
  }

  #uploadId({ url, bucket, key }: ObjectRequest): string {
    const uploadId = url.searchParams.get('uploadId') ?? '';
    if (this.#resources.store.multipart.has(bucket, key, uploadId)) return uploadId;
    throw new ServiceError('NoSuchUpload', 404, 'The specified multipart upload does not exist.');
  }
}
