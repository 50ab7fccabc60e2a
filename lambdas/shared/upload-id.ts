import { createHash } from 'node:crypto';
import type { Upload } from '../core/row-batch.ts';

/**
 * Computes the id of an upload: a UUID (version 8, RFC 9562 §5.8) from the SHA-256 of bucket, key, version and the
 * parser's revision, so that the same object version is recognized as the same upload.
 */
export function computeUploadId(upload: Pick<Upload, 'bucket' | 'key' | 'versionId' | 'revision'>): string {
  const { bucket, key, versionId, revision } = upload;
  return hashToUuid([bucket, key, versionId, revision]);
}

/** Computes the id of an object version, which every reading of it has. */
export function computeFileId({
  bucket,
  key,
  versionId,
}: Pick<Upload, 'bucket' | 'key' | 'versionId'>): string {
  return hashToUuid([bucket, key, versionId]);
}

function hashToUuid(facts: readonly string[]): string {
  const bytes = createHash('sha256').update(JSON.stringify(facts)).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

/** Hashes of the parser's code and of the settings by which an object version is read. */
export interface RevisionParts {
  readonly code: string;
  readonly settings: string;
}

export function joinRevision({ code, settings }: RevisionParts): string {
  return `${code}-${settings}`;
}

export function splitRevision(revision: string): RevisionParts {
  const [code = '', settings = ''] = revision.split('-');
  return { code, settings };
}
