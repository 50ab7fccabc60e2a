import { createHash } from 'node:crypto';
import type { Upload } from '../core/row-batch.ts';

/**
 * Computes the id of an upload: a UUID (version 8, RFC 9562 §5.8) from the SHA-256 of bucket, key, version and the
 * parser's revision, so that the same object version is recognized as the same upload.
 */
export function computeUploadId({
  bucket,
  key,
  versionId,
  revision,
}: Pick<Upload, 'bucket' | 'key' | 'versionId' | 'revision'>): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify([bucket, key, versionId, revision]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
