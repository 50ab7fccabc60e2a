import { readBody, ServiceError } from '../gateway/service.ts';
import { readElements, readText } from '../gateway/xml.ts';
import { receiveBody } from './receive-body.ts';
import { arnOf, authorize, checkConditions, newObject, type S3Call, sendXml } from './s3-call.ts';

/** Size limit for XML documents from clients. */
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;
/** Minimum size of a part, except for the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

export async function createMultipartUpload(call: S3Call): Promise<void> {
  const { bucket, key, store, response } = call;
  authorize(call, 's3:PutObject');
  const UploadId = store.multipart.create(newObject(call));
  sendXml(response, 'InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId });
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { incoming, store, url, response } = call;
  authorizePart(call);
  const uploadId = findUpload(call);
  const file = await receiveBody(store.files, incoming);
  const etag = store.multipart.putPart(uploadId, Number(url.searchParams.get('partNumber')), file);
  response.writeHead(200, { etag }).end();
}

export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { incoming, bucket, key, store, announce, response } = call;
  authorizePart(call);
  const uploadId = findUpload(call);
  checkConditions(incoming.headers, store.find(bucket, key));
  const document = (await readBody(incoming, MAX_DOCUMENT_BYTES)).toString();
  const parts = readElements(document, 'Part').map((part) => ({
    partNumber: Number(readText(part, 'PartNumber')),
    etag: `"${readText(part, 'ETag')?.replaceAll('"', '')}"`,
  }));
  const sizes = store.multipart.partSizes(uploadId);
  const sizeOf = ({ partNumber }: { partNumber: number }) => sizes.get(partNumber) ?? MIN_PART_BYTES;
  if (parts.slice(0, -1).some((part) => sizeOf(part) < MIN_PART_BYTES)) {
    throw new ServiceError('EntityTooSmall', 'A part that is not the last is smaller than 5 MiB.');
  }
  const version = await store.multipart.complete(uploadId, parts);
  if (version === undefined) {
    throw new ServiceError('InvalidPart', 'One or more of the specified parts could not be found.');
  }
  await announce(version, 'CompleteMultipartUpload');
  response.setHeader('x-amz-version-id', version.versionId);
  sendXml(response, 'CompleteMultipartUploadResult', { Bucket: bucket, Key: key, ETag: version.etag });
}

export async function abortMultipartUpload(call: S3Call): Promise<void> {
  authorize(call, 's3:AbortMultipartUpload');
  await call.store.multipart.abort(findUpload(call));
  call.response.writeHead(204).end();
}

/** Authorizes a part, which is decrypted again when all parts are joined. */
function authorizePart(call: S3Call): void {
  authorize(call, 's3:PutObject');
  call.access.authorizeKey(call.caller, 'kms:Decrypt', arnOf(call));
}

function findUpload({ url, store, bucket, key }: S3Call): string {
  const uploadId = url.searchParams.get('uploadId') ?? '';
  if (store.multipart.has(bucket, key, uploadId)) return uploadId;
  throw new ServiceError('NoSuchUpload', 'The specified multipart upload does not exist.', 404);
}
