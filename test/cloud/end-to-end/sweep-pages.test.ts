import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { TestCloud } from '../../support/test-cloud.ts';

const MAX_PAGES = 20;
const LOST = 'incoming/z.csv';

let cloud: TestCloud;
let listings = 0;
beforeAll(async () => {
  cloud = await TestCloud.start(inject('assemblyDir'), {
    faults: {
      onEvent: ({ key }) => (key === LOST ? 'lost' : undefined),
      onCall: ({ action }) => void (action === 'ListObjectVersions' && listings++),
    },
  });
});
afterAll(() => cloud?.stop());

/** Fills the beginning of the bucket at once: with delete markers, which nobody parses. */
function addDeleteMarkers(count: number): void {
  const index = new DatabaseSync(join(cloud.dataDir, 's3/index.sqlite'));
  index
    .prepare(
      `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
       INSERT INTO versions
         (bucket, key, version_id, is_delete_marker, size, etag, content_type, metadata, last_modified)
       SELECT :bucket, 'incoming/' || n, 'marker' || n, 1, 0, '', '', '{}', 0 FROM number`,
    )
    .run({ bucket: cloud.client.bucket, count });
  index.close();
}

/** Sweeps. @returns whether the lost object was noticed by now */
async function sweep(): Promise<boolean> {
  listings = 0;
  await cloud.cloud.invoke('sweep');
  // From the beginning, to see what was dropped lately, and from where the last sweep stopped.
  expect(listings).toBeLessThanOrEqual(2 * MAX_PAGES);
  const found = await cloud.rows('SELECT FROM ledger.unfinished_objects WHERE object_key = $1', [LOST]);
  return found.length === 1;
}

test('a sweep lists a bounded number of pages, and the next sweep continues after them', async () => {
  await cloud.put(LOST, 'id\n');
  addDeleteMarkers(MAX_PAGES * 1_000);
  expect(await sweep()).toBe(false);
  expect(await sweep()).toBe(true);
  const cursors = await cloud.rows('SELECT key_marker, version_marker FROM ledger.sweep_cursors');
  expect(cursors).toEqual([{ key_marker: '', version_marker: '' }]);
});
