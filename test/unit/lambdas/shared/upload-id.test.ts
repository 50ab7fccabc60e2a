import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { computeUploadId } from '../../../../lambdas/shared/upload-id.ts';

const computeId = (bucket: string, key: string, versionId: string, revision: string) =>
  computeUploadId({ bucket, key, versionId, revision });

describe('computeUploadId', () => {
  it('gives the same UUID of version 8 each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, versionId) => {
        const id = computeId('bucket', key, versionId, 'r1');
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(computeId('bucket', key, versionId, 'r1')).toBe(id);
      }),
    );
  });

  it('stays the same across releases, since the ledger identifies uploads by it', () => {
    // printf '["b","k","v","r1"]' | sha256sum
    expect(computeId('b', 'k', 'v', 'r1')).toBe('539fccfb-fd00-8cb6-bbc9-7010670efb1d');
  });

  it('differs if bucket, key, version or revision differ, even when their concatenation is equal', () => {
    const ids = [
      computeId('a', 'b', 'c', 'r1'),
      computeId('ab', '', 'c', 'r1'),
      computeId('a', 'bc', '', 'r1'),
      computeId('', 'ab', 'c', 'r1'),
      computeId('a","b', '', 'c', 'r1'),
      computeId('a', 'b', 'd', 'r1'),
      computeId('a', 'b', 'c', 'r2'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
