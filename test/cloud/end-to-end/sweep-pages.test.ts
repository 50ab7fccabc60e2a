import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { TestCloud } from '../../support/test-cloud.ts';

const MAX_PAGES = 20;
const LOST = 'incoming/z.csv';
const LOST_VERSION = 'incoming/y.csv';

let cloud: TestCloud;
let listings = 0;
beforeAll(async () => {
  cloud = await TestCloud.start(inject('assemblyDir'), {
    faults: {
      onEvent: ({ key }) => (key === LOST || key === LOST_VERSION ? 'lost' : undefined),
      onCall: ({ action }) => void (action === 'ListObjectVersions' && listings++),
    },
  });
});
afterAll(() => cloud?.stop());

/** Fills the bucket with delete markers, which the sweeper skips. @param key SQL expression of the number `n` */
function addDeleteMarkers(count: number, key: string): void {
  const index = new DatabaseSync(join(cloud.dataDir, 's3/index.sqlite'));
  index
    .prepare(
      `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
       INSERT INTO versions
         (bucket, key, version_id, is_delete_marker, size, etag, content_type, metadata, last_modified)
       SELECT :bucket, ${key}, ${key} || '#' || n, 1, 0, '', '', '{}', 0 FROM number`,
    )
    .run({ bucket: cloud.client.bucket, count });
  index.close();
}

/** Sweeps. @returns true if the lost object is noticed by now */
async function sweep(key: string): Promise<boolean> {
  listings = 0;
  await cloud.cloud.invoke('sweep');
  // From the beginning, to find recent uploads, and from where the last sweep stopped.
  expect(listings).toBeLessThanOrEqual(2 * MAX_PAGES);
  const found = await cloud.rows('SELECT FROM ledger.unfinished_objects WHERE object_key = $1', [key]);
  return found.length === 1;
}

test('a sweep finds a lost version that is on a later page than the first version of its key', async () => {
  await cloud.put(LOST_VERSION, 'id\n');
  addDeleteMarkers(1_001, `'${LOST_VERSION}'`);
  expect(await sweep(LOST_VERSION)).toBe(true);
});

test('a sweep lists a bounded number of pages, and the next sweep continues after them', async () => {
  await cloud.put(LOST, 'id\n');
  addDeleteMarkers(MAX_PAGES * 1_000, "'incoming/' || n");
  expect(await sweep(LOST)).toBe(false);
  expect(await sweep(LOST)).toBe(true);
  const cursors = await cloud.rows('SELECT key_marker, version_marker FROM ledger.sweep_cursors');
  expect(cursors).toEqual([{ key_marker: '', version_marker: '' }]);
});
