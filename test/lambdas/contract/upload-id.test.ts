import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uploadIdOf } from '../../../lambdas/contract/upload-id.ts';

describe('uploadIdOf', () => {
  it('is a UUID of version 8, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (key, versionId) => {
        const id = uploadIdOf('bucket', key, versionId);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(uploadIdOf('bucket', key, versionId)).toBe(id);
      }),
    );
  });

  it('stays the same over releases, since the ledger knows uploads by it', () => {
    // printf '["b","k","v"]' | sha256sum
    expect(uploadIdOf('b', 'k', 'v')).toBe('7b796806-0bb0-820f-abf1-2b33537bf587');
  });

  it('differs where bucket, key or version differ, wherever one ends and the next begins', () => {
    const ids = [
      uploadIdOf('a', 'b', 'c'),
      uploadIdOf('ab', '', 'c'),
      uploadIdOf('a', 'bc', ''),
      uploadIdOf('', 'ab', 'c'),
      uploadIdOf('a","b', '', 'c'),
      uploadIdOf('a', 'b', 'd'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
