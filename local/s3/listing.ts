import { REGION } from '../assembly/template.ts';
import type { XmlTree } from '../gateway/xml.ts';
import type { ObjectVersion } from './object-files.ts';
import { checkBucketHeaders, storageClassOf } from './put-headers.ts';
import {
  authorize,
  encodeKey,
  invalidArgument,
  notImplemented,
  readNumber,
  type S3Call,
  sendXml,
} from './s3-call.ts';

const PAGE_SIZE = 1_000;

export async function listBuckets({ access, caller, buckets, store, response }: S3Call): Promise<void> {
  access.authorize(caller, 's3:ListAllMyBuckets', '*');
  const Bucket = buckets.map((Name) => ({ Name, CreationDate: store.createdAt.toISOString() }));
  sendXml(response, 'ListAllMyBucketsResult', { Owner: { ID: 'local' }, Buckets: { Bucket } });
}

export async function headBucket(call: S3Call): Promise<void> {
  authorize(call, 's3:ListBucket');
  call.response.writeHead(200, { 'x-amz-bucket-region': REGION }).end();
}

/** GetBucketVersioning: the assembly's buckets are versioned. */
export async function getVersioning(call: S3Call): Promise<void> {
  authorize(call, 's3:GetBucketVersioning');
  sendXml(call.response, 'VersioningConfiguration', { Status: 'Enabled' });
}

/** CreateBucket of a bucket of the template, which succeeds in us-east-1 (S3 API reference, "CreateBucket"). */
export async function createBucket(call: S3Call): Promise<void> {
  authorize(call, 's3:CreateBucket');
  if (call.incoming.headers['x-amz-acl'] !== undefined) authorize(call, 's3:PutBucketAcl');
  checkBucketHeaders(call.incoming.headers);
  call.incoming.resume();
  call.response.writeHead(200, { location: `/${call.bucket}` }).end();
}

/** The beginning of a listing, and the names of it and of the next page in the answer. */
interface Paging {
  readonly after: string;
  describe(count: number, next: string | undefined): XmlTree;
}

/** ListObjectsV2. */
export async function listObjects(call: S3Call): Promise<void> {
  const { searchParams } = call.url;
  const token = searchParams.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64url').toString();
  if (searchParams.get('list-type') !== '2') throw notImplemented('this version of ListObjects');
  if (token !== null && Buffer.from(after).toString('base64url') !== token) {
    throw invalidArgument('The continuation token provided is incorrect');
  }
  await sendPage(call, {
    after: token === null ? (searchParams.get('start-after') ?? '') : after,
    describe: (KeyCount, next) => ({
      KeyCount,
      NextContinuationToken: next && Buffer.from(next).toString('base64url'),
    }),
  });
}

/** The first version of ListObjects, in which a marker is a key. */
export async function listObjectsV1(call: S3Call): Promise<void> {
  const encode = readEncoding(call);
  const after = call.url.searchParams.get('marker') ?? '';
  const describe: Paging['describe'] = (_, next) => ({
    Marker: encode(after),
    NextMarker: next && encode(next),
  });
  await sendPage(call, { after, describe });
}

async function sendPage(call: S3Call, paging: Paging): Promise<void> {
  const { store, bucket, url, response } = call;
  const { prefix, limit, encode } = authorizeListing(call, 's3:ListBucket');
  const delimiter = url.searchParams.get('delimiter') ?? '';
  let { after } = paging;
  const contents: XmlTree[] = [];
  const folders: XmlTree[] = [];
  let isTruncated = false;
  for (;;) {
    const [version] = store.list(bucket, prefix, after, 1);
    if (version === undefined) break;
    if (contents.length + folders.length === limit) {
      isTruncated = true;
      break;
    }
    const end = delimiter === '' ? -1 : version.key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      contents.push(describe(version, encode));
      after = version.key;
    } else {
      const folder = version.key.slice(0, end + delimiter.length);
      folders.push({ Prefix: encode(folder) });
      after = `${folder}\u{10ffff}`;
    }
  }
  sendXml(response, 'ListBucketResult', {
    Name: bucket,
    Prefix: encode(prefix),
    ...(delimiter && { Delimiter: encode(delimiter) }),
    MaxKeys: limit,
    // The AWS CLI decodes the keys only if the answer says that they are encoded.
    EncodingType: url.searchParams.get('encoding-type') ?? undefined,
    IsTruncated: isTruncated,
    ...paging.describe(contents.length + folders.length, isTruncated ? after : undefined),
    Contents: contents,
    CommonPrefixes: folders,
  });
}

export async function listVersions(call: S3Call): Promise<void> {
  const { store, bucket, url, response } = call;
  const { prefix, limit, encode } = authorizeListing(call, 's3:ListBucketVersions');
  if (url.searchParams.has('delimiter')) throw notImplemented('ListObjectVersions with a delimiter');
  const keyMarker = url.searchParams.get('key-marker') ?? '';
  const marker = { key: keyMarker, versionId: url.searchParams.get('version-id-marker') ?? undefined };
  if (marker.versionId !== undefined && keyMarker === '') {
    throw invalidArgument('A version-id marker cannot be specified without a key marker.');
  }
  const found = store.listVersions(bucket, prefix, marker, limit + 1);
  const versions = found.slice(0, limit);
  const last = versions.at(-1);
  const isTruncated = limit > 0 && found.length > limit;
  const trees = versions.map((version) => ({
    ...describe(version, encode),
    VersionId: version.versionId,
    IsLatest: store.find(bucket, version.key)?.versionId === version.versionId,
  }));
  sendXml(response, 'ListVersionsResult', {
    Name: bucket,
    Prefix: encode(prefix),
    KeyMarker: encode(keyMarker),
    MaxKeys: limit,
    EncodingType: url.searchParams.get('encoding-type') ?? undefined,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextKeyMarker: encode(last!.key), NextVersionIdMarker: last!.versionId }),
    Version: trees.filter((_, index) => !versions[index]!.isDeleteMarker),
    DeleteMarker: trees.filter((_, index) => versions[index]!.isDeleteMarker),
  });
}

function authorizeListing(call: S3Call, action: string) {
  const { searchParams } = call.url;
  const prefix = searchParams.get('prefix');
  authorize(call, action, prefix === null ? {} : { 's3:prefix': prefix });
  if (searchParams.get('fetch-owner') === 'true') throw notImplemented('owners in listings');
  const limit = Math.min(PAGE_SIZE, readNumber(searchParams, 'max-keys', PAGE_SIZE));
  return { prefix: prefix ?? '', limit, encode: readEncoding(call) };
}

/** Reads how keys are written: XML does not have all characters that a key may have. */
function readEncoding({ url }: S3Call): (key: string) => string {
  const encoding = url.searchParams.get('encoding-type');
  if (encoding === null) return (key) => key;
  if (encoding === 'url') return encodeKey;
  throw invalidArgument('Invalid Encoding Method specified in Request');
}

function describe(version: ObjectVersion, encode: (key: string) => string): XmlTree {
  return {
    Key: encode(version.key),
    LastModified: version.lastModified.toISOString(),
    ETag: version.etag,
    Size: version.size,
    StorageClass: storageClassOf(version),
  };
}
