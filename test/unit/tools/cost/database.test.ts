import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../../../lambdas/sweep/sweep.ts';
import { countAwakeMinutes, countQueryingSweeps } from '../../../../tools/cost/database.ts';

const DEV = {
  databaseMinAcu: 0,
  databasePauseMinutes: 10,
  sweepEveryMinutes: 15,
  lostAfterMinutes: 60,
  verifyEveryHours: 24,
};
const DAY = Date.parse('2026-03-04T00:00:00Z');
const MINUTE = 60_000;

/** Runs the sweeps of a day and counts those that query the database. @param firstMinute first sweep, after midnight */
async function countRealQueries(firstMinute: number, droppedAt: readonly number[], changes: object = {}) {
  const settings = { ...DEV, ...changes };
  const s3 = mockClient(S3Client);
  s3.on(ListObjectVersionsCommand).resolves({
    Versions: droppedAt.map((time, index) => {
      return { Key: `incoming/${index}.csv`, VersionId: 'v', LastModified: new Date(time) };
    }),
  });
  let querying = 0;
  for (let minute = firstMinute; minute < 1_440; minute += settings.sweepEveryMinutes) {
    let hasQueried = false;
    const query = async () => {
      hasQueried = true;
      return [];
    };
    const resources = {
      s3: new S3Client(),
      sqs: new SQSClient(),
      query,
      bucketName: 'bucket',
      noticeQueueUrl: 'notices',
      uploadQueueUrl: 'queue',
      sweepEveryMinutes: settings.sweepEveryMinutes,
      lostAfterSeconds: settings.lostAfterMinutes * 60,
      stuckAfterSeconds: 21_600,
    };
    const now = DAY + minute * MINUTE;
    const isThere = droppedAt.filter((time) => time <= now);
    if (isThere.length < droppedAt.length) continue;
    await sweep(resources, new Date(now));
    if (hasQueried) querying++;
  }
  s3.restore();
  return querying;
}

describe('the sweeper queries the database as often as the estimate assumes', () => {
  const YESTERDAY = DAY - 1_440 * MINUTE;

  test.each([15, 7, 60, 120, 240])(
    'on a day without an upload, with a sweep every %i minutes',
    async (sweepEveryMinutes) => {
      const estimated = countQueryingSweeps({ ...DEV, sweepEveryMinutes }, 0, 1);
      for (const firstMinute of [0, Math.floor(sweepEveryMinutes / 2)]) {
        const querying = await countRealQueries(firstMinute, [YESTERDAY], { sweepEveryMinutes });
        expect(querying).toBeGreaterThan(0);
        expect(querying).toBeLessThanOrEqual(estimated);
        expect(querying).toBeGreaterThanOrEqual(estimated - 1);
      }
    },
  );

  test('and for four hours after an upload', async () => {
    const afterDrop = await countRealQueries(300, [DAY + 290 * MINUTE]);
    expect(afterDrop).toBe(16);
    expect(countQueryingSweeps(DEV, 1, 1)).toBe(4 + 16);
  });
});

test('on an idle day of dev the database is awake for 55 minutes: four sweeps and a verification of 11 minutes', () => {
  expect(countAwakeMinutes(DEV, 0, 0)).toBe(4 * 11 + 11);
});

test('after an upload it is awake for four hours, except for the pauses between sweeps', () => {
  expect(countAwakeMinutes(DEV, 1, 30)).toBe((4 + 16) * 11 + 11 + 11);
});

test('it does not pause between sweeps that come more often than its pause time', () => {
  expect(countAwakeMinutes({ ...DEV, databasePauseMinutes: 60 }, 0, 0)).toBe(4 * 15 + 61);
});

test('it is awake for at most the whole day, and always if it may not pause', () => {
  expect(countAwakeMinutes(DEV, 100, 100)).toBe(1_440);
  expect(countAwakeMinutes({ ...DEV, databaseMinAcu: 0.5 }, 0, 0)).toBe(1_440);
});

test('every sweep queries it if the bucket has more versions than one sweep lists', () => {
  expect(countQueryingSweeps(DEV, 0, 20_001)).toBe(96);
});
