import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { readBody } from '../gateway/service.ts';
import { readElements, readText, type XmlTree } from '../gateway/xml.ts';
import {
  checkConditions,
  decodePath,
  describe,
  MAX_DOCUMENT_BYTES,
  newObject,
  readRange,
  sendXml,
} from './http-values.ts';
import { receiveBody } from './receive-body.ts';
import type { Announce, ObjectRequest, S3Resources } from './s3-resources.ts';

/** The actions on objects, except for multipart uploads. */
export class ObjectRequests {
  #resources: S3Resources;
  #announce: Announce;

  constructor(resources: S3Resources, announce: Announce) {
    this.#resources = resources;
    this.#announce = announce;
  }

  async get(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key, versionId } = request;
    this.#resources.authorize(
      caller,
      versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
      bucket,
      key,
    );
    const version = this.#resources.find(caller, bucket, key, versionId);
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
    else await pipeline(this.#resources.store.read(version, start, end), response);
  }

  async put(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    this.#resources.authorize(caller, 's3:PutObject', bucket, key);
    checkConditions(incoming.headers, this.#resources.newest(bucket, key));
    const file = await receiveBody(this.#resources.store.files, incoming);
    const version = this.#resources.store.put(newObject(request), file, 'Put');
    await this.#announce(version, 'Put');
    response.writeHead(200, { etag: version.etag, 'x-amz-version-id': version.versionId }).end();
  }

  async copy(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { incoming, caller, bucket, key } = request;
    const source = new URL(
      String(incoming.headers['x-amz-copy-source']).replace(/^\/?/, '/'),
      'http://source',
    );
    const [sourceBucket = '', ...rest] = decodePath(source.pathname).slice(1).split('/');
    const sourceKey = rest.join('/');
    const sourceVersion = source.searchParams.get('versionId') ?? undefined;
    const action = sourceVersion === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
    this.#resources.authorize(caller, action, sourceBucket, sourceKey);
    this.#resources.authorize(caller, 's3:PutObject', bucket, key);
    const from = this.#resources.find(caller, sourceBucket, sourceKey, sourceVersion);
    const file = await this.#resources.store.files.receive(this.#resources.store.read(from, 0, from.size));
    const replaces = incoming.headers['x-amz-metadata-directive'] === 'REPLACE';
    const { contentType, metadata } = replaces ? newObject(request) : from;
    const version = this.#resources.store.put({ bucket, key, contentType, metadata }, file, 'Copy');
    await this.#announce(version, 'Copy');
    response.setHeader('x-amz-version-id', version.versionId);
    sendXml(response, 'CopyObjectResult', {
      ETag: version.etag,
      LastModified: version.lastModified.toISOString(),
    });
  }

  async delete(request: ObjectRequest, response: ServerResponse): Promise<void> {
    const { caller, bucket, key, versionId } = request;
    this.#resources.authorize(
      caller,
      versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
      bucket,
      key,
    );
    const marker = await this.#remove(bucket, key, versionId);
    response.writeHead(204, { 'x-amz-version-id': marker, 'x-amz-delete-marker': String(!versionId) }).end();
  }

  async deleteMany({ incoming, caller, bucket }: ObjectRequest, response: ServerResponse): Promise<void> {
    const document = (await readBody(incoming, MAX_DOCUMENT_BYTES)).toString();
    const Deleted: XmlTree[] = [];
    for (const object of readElements(document, 'Object')) {
      const key = readText(object, 'Key') ?? '';
      const versionId = readText(object, 'VersionId');
      this.#resources.authorize(
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
    if (versionId === undefined) return this.#resources.store.putDeleteMarker(bucket, key).versionId;
    const version = this.#resources.store.find(bucket, key, versionId);
    if (version !== undefined) await this.#resources.store.deleteVersion(version);
    return versionId;
  }
}
