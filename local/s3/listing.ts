import type { XmlTree } from '../gateway/xml.ts';
import type { ObjectVersion } from './object-files.ts';
import { authorize, type S3Call, sendXml } from './s3-call.ts';

const PAGE_SIZE = 1_000;

export async function listBuckets({ access, caller, buckets, response }: S3Call): Promise<void> {
  access.authorize(caller, 's3:ListAllMyBuckets', '*');
  const Bucket = buckets.map((Name) => ({ Name, CreationDate: new Date(0).toISOString() }));
  sendXml(response, 'ListAllMyBucketsResult', { Owner: { ID: 'local' }, Buckets: { Bucket } });
}

export async function listObjects(call: S3Call): Promise<void> {
  const { store, bucket, url, response } = call;
  const { prefix, limit } = authorizeListing(call, 's3:ListBucket');
  const delimiter = url.searchParams.get('delimiter') ?? '';
  const token = url.searchParams.get('continuation-token');
  let after =
    token === null ? (url.searchParams.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
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
      contents.push(describe(version));
      after = version.key;
    } else {
      const folder = version.key.slice(0, end + delimiter.length);
      folders.push({ Prefix: folder });
      after = `${folder}\u{10ffff}`;
    }
  }
  sendXml(response, 'ListBucketResult', {
    Name: bucket,
    Prefix: prefix,
    ...(delimiter && { Delimiter: delimiter }),
    KeyCount: contents.length + folders.length,
    MaxKeys: limit,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextContinuationToken: Buffer.from(after).toString('base64url') }),
    Contents: contents,
    CommonPrefixes: folders,
  });
}

export async function listVersions(call: S3Call): Promise<void> {
  const { store, bucket, url, response } = call;
  const { prefix, limit } = authorizeListing(call, 's3:ListBucketVersions');
  const keyMarker = url.searchParams.get('key-marker') ?? '';
  const marker = { key: keyMarker, versionId: url.searchParams.get('version-id-marker') ?? undefined };
  const found = store.listVersions(bucket, prefix, marker, limit + 1);
  const versions = found.slice(0, limit);
  const last = versions.at(-1);
  const isTruncated = limit > 0 && found.length > limit;
  const trees = versions.map((version) => ({
    ...describe(version),
    VersionId: version.versionId,
    IsLatest: store.find(bucket, version.key)?.versionId === version.versionId,
  }));
  sendXml(response, 'ListVersionsResult', {
    Name: bucket,
    Prefix: prefix,
    KeyMarker: keyMarker,
    MaxKeys: limit,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextKeyMarker: last!.key, NextVersionIdMarker: last!.versionId }),
    Version: trees.filter((_, index) => !versions[index]!.isDeleteMarker),
    DeleteMarker: trees.filter((_, index) => versions[index]!.isDeleteMarker),
  });
}

function authorizeListing(call: S3Call, action: string): { prefix: string; limit: number } {
  const { searchParams } = call.url;
  const prefix = searchParams.get('prefix');
  authorize(call, action, prefix === null ? {} : { 's3:prefix': prefix });
  return {
    prefix: prefix ?? '',
    limit: Math.min(PAGE_SIZE, Number(searchParams.get('max-keys') ?? PAGE_SIZE)),
  };
}

function describe(version: ObjectVersion): XmlTree {
  return {
    Key: version.key,
    LastModified: version.lastModified.toISOString(),
    ETag: version.etag,
    Size: version.size,
    StorageClass: 'STANDARD',
  };
}
