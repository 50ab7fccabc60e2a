import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder for the tests of one file, gone after them. To be called outside of tests. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'retail-test-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
