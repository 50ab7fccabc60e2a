import type { XmlTree } from '../gateway/xml.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectVersion } from './object-versions.ts';

const PAGE_SIZE = 1_000;

/** Answers ListObjectsV2, and ListObjects as far as `aws s3` needs it. */
export function listObjects(store: ObjectStore, bucket: string, query: URLSearchParams): XmlTree {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = Math.min(PAGE_SIZE, Number(query.get('max-keys') ?? PAGE_SIZE));
  const token = query.get('continuation-token');
  let after =
    token === null
      ? (query.get('start-after') ?? query.get('marker') ?? '')
      : Buffer.from(token, 'base64url').toString();
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
  return {
    Name: bucket,
    Prefix: prefix,
    ...(delimiter && { Delimiter: delimiter }),
    KeyCount: contents.length + folders.length,
    MaxKeys: limit,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextContinuationToken: Buffer.from(after).toString('base64url') }),
    Contents: contents,
    CommonPrefixes: folders,
  };
}

/** Answers ListObjectVersions. */
export function listVersions(store: ObjectStore, bucket: string, query: URLSearchParams): XmlTree {
  const prefix = query.get('prefix') ?? '';
  const limit = Math.min(PAGE_SIZE, Number(query.get('max-keys') ?? PAGE_SIZE));
  const keyMarker = query.get('key-marker') ?? '';
  const marker = { key: keyMarker, versionId: query.get('version-id-marker') ?? undefined };
  const found = store.listVersions(bucket, prefix, marker, limit + 1);
  const versions = found.slice(0, limit);
  const last = versions.at(-1);
  const isTruncated = limit > 0 && found.length > limit;
  const trees = versions.map((version) => ({
    ...describe(version),
    VersionId: version.versionId,
    IsLatest: store.find(bucket, version.key)?.versionId === version.versionId,
  }));
  return {
    Name: bucket,
    Prefix: prefix,
    KeyMarker: keyMarker,
    MaxKeys: limit,
    IsTruncated: isTruncated,
    ...(isTruncated && { NextKeyMarker: last!.key, NextVersionIdMarker: last!.versionId }),
    Version: trees.filter((_, index) => !versions[index]!.isDeleteMarker),
    DeleteMarker: trees.filter((_, index) => versions[index]!.isDeleteMarker),
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
