import type { IncomingHttpHeaders } from 'node:http';
import { type FormFields, ServiceError } from '../gateway/service.ts';
import { writeXml } from '../gateway/xml.ts';
import { checkPolicy } from './post-policy.ts';
import {
  authorizePut,
  checkWriteConditions,
  invalidArgument,
  newObject,
  notImplemented,
  readPath,
  type S3Call,
} from './s3-call.ts';

/** Size limit of one upload (S3 user guide, "Uploading objects"). */
const MAX_FILE_BYTES = 5 * 1024 ** 3;
/** Fields that are neither headers of the new object nor part of the signature. */
const OWN_FIELD =
  /^(key|bucket|policy|file|success_action_status|x-amz-(signature|credential|date|algorithm|security-token)|x-ignore-.*)$/;
/** Fields with the names that they have as headers (S3 API reference, "POST Object"). */
const HEADERS: Readonly<Record<string, string>> = { acl: 'x-amz-acl', tagging: 'x-amz-tagging' };
const HEADER_FIELD =
  /^(cache-control|content-type|content-disposition|content-encoding|expires|acl|tagging|x-amz-.*)$/;

/** Stores the file of a form whose signed policy allows it. */
export async function postObject(call: S3Call): Promise<void> {
  const { store, announce, response, bucket, form, body } = call;
  if (form === undefined) throw new ServiceError('MethodNotAllowed', 'POST needs a form with a file.', 405);
  const { fields } = form;
  const { minBytes, maxBytes } = checkPolicy(fields, bucket);
  const put = { ...call, ...readKey(fields, bucket) };
  const { host } = put.incoming.headers;
  put.incoming.headers = readHeaders(fields);
  authorizePut(put);
  const object = newObject(put);
  checkWriteConditions(put.incoming.headers, store.find(bucket, put.key));
  const file = await store.files.receive(limit(body, Math.min(maxBytes, MAX_FILE_BYTES)));
  if (file.size < minBytes) {
    await store.files.discard(file.name);
    const message = 'Your proposed upload is smaller than the minimum allowed size';
    throw new ServiceError('EntityTooSmall', message);
  }
  const version = store.put(object, file, 'Post');
  await announce(version, 'Post');
  response.setHeader('etag', version.etag).setHeader('x-amz-version-id', version.versionId);
  const location = `http://${host}/${bucket}/${encodeURIComponent(put.key)}`;
  // Any other value counts as none (the same page).
  const status = fields.get('success_action_status') ?? '';
  if (status === '201') {
    const answer = { Location: location, Bucket: bucket, Key: put.key, ETag: version.etag };
    response.writeHead(201, { 'content-type': 'application/xml', location });
    response.end(writeXml('PostResponse', answer));
  } else {
    response.writeHead(status === '200' ? 200 : 204, { location }).end();
  }
}

function readKey(fields: FormFields, bucket: string) {
  const key = fields.get('key') ?? '';
  if (key === '') throw invalidArgument("Bucket POST must contain a field named 'key'.");
  const path = `/${bucket}/${encodeURIComponent(key.replaceAll('$' + '{filename}', fields.get('file') ?? ''))}`;
  return readPath(path, new URLSearchParams());
}

function readHeaders(fields: FormFields): IncomingHttpHeaders {
  const others = [...fields].filter(([name]) => !OWN_FIELD.test(name));
  const unknown = others.find(([name]) => !HEADER_FIELD.test(name) || name.startsWith('x-amz-checksum-'));
  if (unknown !== undefined) throw notImplemented(`the form field ${unknown[0]}`);
  return Object.fromEntries(others.map(([name, value]) => [HEADERS[name] ?? name, value]));
}

/** @throws {ServiceError} EntityTooLarge as soon as there are more bytes than this */
async function* limit(body: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
    }
    yield chunk;
  }
}
