import type { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { runInProcess } from './run-in-process.ts';

/** A cloud of 600 uploads with rows in the table, whose bucket has the versions of these. */
function cloudWith(listed: readonly number[]): Partial<CloudClient> {
  const upload = (number: number) => ({ key: `incoming/${number % 10}.csv`, versionId: `v${number}` });
  const uploads = Array.from({ length: 600 }, (_, number) => {
    return { uploadId: String(number).padStart(3, '0'), ...upload(number), rowsInserted: '1000' };
  });
  const Versions = listed.map((number) => {
    const { key: Key, versionId: VersionId } = upload(number);
    return { Key, VersionId, LastModified: new Date(0) };
  });
  return {
    bucket: 'bucket',
    access: { outputs: { parserRevision: 'r' } } as never,
    s3: { send: async () => ({ Versions }) } as Partial<S3Client> as S3Client,
    rows: async () => [],
    query: async (sql, { after = '' } = {}) => {
      if (!sql.includes('rows_inserted')) return [];
      return uploads.filter(({ uploadId }) => after.length > 3 || uploadId > after).slice(0, 500);
    },
  };
}

const ALL = Array.from({ length: 600 }, (_, number) => number);

test('verify says nothing of uploads whose objects are in the bucket', async () => {
  const { code, stdout, stderr } = await runInProcess(['verify'], cloudWith(ALL));
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toBe('Checked 0 uploads and 600 object versions: every row is accounted for.');
});

test('verify counts the uploads whose objects are gone, and names the first of them', async () => {
  const { code, stdout, stderr } = await runInProcess(['verify'], cloudWith(ALL.slice(0, 570)));
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('every row is accounted for');
  const [title, first, ...others] = stderr.split('\n');
  expect(title).toMatch(/^30 uploads have no object in the bucket any longer/);
  expect(first).toBe('  incoming/0.csv: version v570, 1,000 rows');
  expect(others).toHaveLength(20);
  expect(others.at(-1)).toBe('  … and 10 more (--json has all)');
});

test('verify --json has all of them', async () => {
  const { stdout } = await runInProcess(['verify', '--json'], cloudWith(ALL.slice(0, 570)));
  const { gone } = JSON.parse(stdout);
  expect(gone).toHaveLength(30);
  expect(gone[29]).toEqual({
    uploadId: '599',
    key: 'incoming/9.csv',
    versionId: 'v599',
    rowsInserted: 1_000,
  });
});
