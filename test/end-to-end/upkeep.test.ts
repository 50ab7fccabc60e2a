import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweep } from '../../lambdas/sweeper/sweep.ts';
import { AccountedCloud } from '../reliability/accounted-cloud.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
});
afterAll(() => cloud?.stop());

const metricsOf = async (folder: string, name: string) =>
  (await cloud.logs(folder)).flatMap((line) => (name in line ? [Number(line[name])] : []));

describe('the sweeper', () => {
  test('leaves alone what is loaded, and folders', async () => {
    cloud.begin();
    const Bucket = cloud.clients.outputs.bucketName;
    await cloud.clients.s3.send(new PutObjectCommand({ Bucket, Key: 'incoming/store=x/', Body: '' }));
    await cloud.drop(cloud.makeFile(20));
    await cloud.expectAccounted();
    expect(await cloud.cloud.invoke('sweeper')).toEqual({ versionsListed: 1, lost: 0, stuck: 0 });
  });

  test('parses an upload again that does not move', async () => {
    cloud.begin();
    const drop = await cloud.drop(cloud.makeFile(600));
    await cloud.expectAccounted();
    // As if none of its batches had come, though somebody knows of it.
    const owner = await cloud.connectAs('retail_migrator');
    for (const table of [
      'transactions',
      'ledger.rejected_rows',
      'ledger.conflicting_rows',
      'ledger.batches',
    ]) {
      await owner.query(
        `DELETE FROM ${table} WHERE upload_id = (SELECT upload_id FROM ledger.uploads WHERE version_id = $1)`,
        [drop.versionId],
      );
    }
    await owner.query(
      `UPDATE ledger.uploads SET status = 'loading', completed_at = NULL, batches_expected = NULL, rows_read = NULL,
         batches_loaded = 0, rows_inserted = 0, rows_duplicate = 0, rows_conflicting = 0, rows_rejected = 0,
         moved_at = now() - interval '1 day' WHERE version_id = $1`,
      [drop.versionId],
    );
    await owner.end();
    expect(await cloud.cloud.invoke('sweeper')).toMatchObject({ stuck: 1 });
    await cloud.expectAccounted();
    expect((await metricsOf('sweeper', 'StuckUploadsSent')).at(-1)).toBe(1);
  });

  test('costs the same whatever the bucket holds: it goes on where the last sweep stopped', async () => {
    let listings = 0;
    cloud.begin({
      onEvent: () => 'lost',
      onCall: ({ action }) => void (action === 'ListObjectVersions' && listings++),
    });
    const Bucket = cloud.clients.outputs.bucketName;
    const put = (number: number) =>
      cloud.clients.s3.send(
        new PutObjectCommand({
          Bucket,
          Key: `incoming/many/${String(number).padStart(5, '0')}.csv`,
          Body: 'id\n',
        }),
      );
    for (let number = 0; number < 2_100; number += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, index) => put(number + index)));
    }
    const first = (await cloud.cloud.invoke('sweeper')) as { versionsListed: number };
    expect(first.versionsListed).toBeGreaterThan(2_100);
    expect(listings).toBe(3);
  });
});

describe('a sweep that may leave the database alone', () => {
  const HOUR = 3_600_000;

  /** Sweeps the real bucket, so many hours after everything in it was dropped. */
  async function asks(now: Date, lostAfterSeconds = '3600'): Promise<boolean> {
    const { s3, sqs, outputs } = cloud.clients;
    let asked = false;
    const query = async () => {
      asked = true;
      return [];
    };
    await sweep(
      {
        s3,
        sqs,
        query,
        bucketName: outputs.bucketName,
        uploadQueueUrl: outputs.uploadQueueUrl,
        sweepEveryMinutes: '15',
        stuckAfterSeconds: '21600',
        lostAfterSeconds,
      },
      now,
    );
    return asked;
  }

  test('asks it while something was dropped not long ago, and once a day', async () => {
    const later = (hours: number) => new Date(Date.now() + hours * HOUR);
    const noon = new Date(later(72).setUTCHours(12, 0, 0, 0));
    expect(await asks(later(3))).toBe(true);
    expect(await asks(noon)).toBe(false);
    expect(await asks(noon, String(48 * 3_600))).toBe(true);
    expect(await asks(new Date(noon.setUTCHours(0, 14)))).toBe(true);
    expect(await asks(new Date(noon.setUTCHours(0, 15)))).toBe(false);
  });
});

describe('the verifier', () => {
  test('finds nothing where all is well, and says what differs in its log and as a metric', async () => {
    cloud.begin();
    const drop = await cloud.drop(cloud.makeFile(50));
    await cloud.expectAccounted();
    const well = (await cloud.cloud.invoke('verifier')) as { uploadsChecked: number };
    expect(well).toMatchObject({ differences: [], stuckUploads: 0 });
    expect(well.uploadsChecked).toBeGreaterThan(0);

    const owner = await cloud.connectAs('retail_migrator');
    const { rowCount } = await owner.query(
      `DELETE FROM transactions WHERE upload_id = (SELECT upload_id FROM ledger.uploads WHERE version_id = $1)`,
      [drop.versionId],
    );
    await owner.end();
    const text = `${rowCount} rows were inserted, and the table has 0 of them`;
    expect(await cloud.cloud.invoke('verifier')).toMatchObject({ differences: [{ text }] });
    const errors = (await cloud.logs('verifier')).filter(({ level }) => level === 'ERROR');
    expect(errors).toMatchObject([{ message: 'ledger and table differ', text }]);
    expect((await metricsOf('verifier', 'LedgerDifferences')).at(-1)).toBe(1);
  });
});
