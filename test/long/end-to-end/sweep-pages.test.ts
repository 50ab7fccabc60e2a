import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedAssembly } from '../../cloud/end-to-end/changed-assembly.ts';
import { letTimePass } from '../../support/let-time-pass.ts';
import { TestCloud } from '../../support/test-cloud.ts';

/** Longer than any test: the time passes only where a test lets it. */
const AFTER_SECONDS = 600;
const MAX_PAGES = 20;
const LOST = 'incoming/z.csv';
const LOST_VERSION = 'incoming/y.csv';
const CROWD = 'incoming/store=crowd/';

let cloud: TestCloud;
/** Actions that the sweeper called. */
let calls: string[] = [];
const callsOf = (action: string) => calls.filter((call) => call === action).length;
beforeAll(async () => {
  const shorter = [/"LOST_AFTER_SECONDS": "\d+"/g, `"LOST_AFTER_SECONDS": "${AFTER_SECONDS}"`] as const;
  cloud = await TestCloud.start(await changedAssembly([shorter]), {
    faults: {
      onEvent: ({ key }) =>
        [LOST, LOST_VERSION].includes(key) || key.startsWith(CROWD) ? 'lost' : undefined,
      onCall: ({ functionName, action }) => void (functionName.includes('sweep') && calls.push(action)),
    },
  });
});
afterAll(() => cloud?.stop());

test('both pages of a bucket are compared, and one sweep sends no more than its limit', async () => {
  const OBJECTS = 1_005;
  const put = (number: number) => {
    const Key = `${CROWD}${number}/retail_08_05_2024.csv`;
    return cloud.s3.send(new PutObjectCommand({ Bucket: cloud.client.bucket, Key, Body: 'id\n' }));
  };
  await Promise.all(Array.from({ length: OBJECTS }, (_, number) => put(number)));
  const expected = { versionsListed: OBJECTS, compared: OBJECTS, stuck: 0 };
  calls = [];
  expect(await cloud.cloud.invoke('sweep')).toEqual({ ...expected, lost: 0, unsent: 0 });
  expect(callsOf('ListObjectVersions')).toBe(2);
  const remembered = await cloud.rows(
    'SELECT FROM ledger.unfinished_objects WHERE starts_with(object_key, $1)',
    [CROWD],
  );
  expect(remembered).toHaveLength(OBJECTS);
  await letTimePass(cloud, AFTER_SECONDS);
  calls = [];
  const { unsent, ...result } = (await cloud.cloud.invoke('sweep')) as { unsent: number };
  expect(result).toEqual({ ...expected, lost: 500 });
  expect(callsOf('ListObjectVersions')).toBe(2);
  // On a busy machine the first of the 500 files are loaded by now, and the sweep sends their late receipts too.
  expect(callsOf('SendMessage') - unsent).toBe(500);
});

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
  calls = [];
  await cloud.cloud.invoke('sweep');
  // From the beginning, to find recent uploads, and from where the last sweep stopped.
  expect(callsOf('ListObjectVersions')).toBeLessThanOrEqual(2 * MAX_PAGES);
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
