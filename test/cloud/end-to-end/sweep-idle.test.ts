import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sweep } from '../../../lambdas/sweep/sweep.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
  cloud.begin();
  await cloud.drop(cloud.makeFile(5));
  await cloud.expectAccounted();
});
afterAll(() => cloud?.stop());

describe('a sweep that may leave the database alone', () => {
  const HOUR = 3_600_000;

  /** Sweeps the real bucket, so many hours after everything in it was dropped. */
  async function asks(now: Date, lostAfterSeconds = 3_600): Promise<boolean> {
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
        sweepEveryMinutes: 15,
        stuckAfterSeconds: 21_600,
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
    expect(await asks(noon, 48 * 3_600)).toBe(true);
    expect(await asks(new Date(noon.setUTCHours(0, 59)))).toBe(true);
    expect(await asks(new Date(noon.setUTCHours(1, 0)))).toBe(false);
  });
});
