import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, test } from 'vitest';
import { sweep } from '../../../../lambdas/sweep/sweep.ts';
import { askingSweepsPerDay, awakeMinutesPerDay } from '../../../../tools/cost/awake.ts';

const DEV = {
  databaseMinAcu: 0,
  databasePauseMinutes: 10,
  sweepEveryMinutes: 15,
  lostAfterMinutes: 60,
  verifyEveryHours: 24,
};
const DAY = Date.parse('2026-03-04T00:00:00Z');
const MINUTE = 60_000;

/** How many of a day's sweeps, the first so many minutes after midnight, really ask the database. */
async function askingSweeps(firstMinute: number, droppedAt: readonly number[], changes: object = {}) {
  const settings = { ...DEV, ...changes };
  const s3 = mockClient(S3Client);
  s3.on(ListObjectVersionsCommand).resolves({
    Versions: droppedAt.map((time, index) => {
      return { Key: `incoming/${index}.csv`, VersionId: 'v', LastModified: new Date(time) };
    }),
  });
  let asking = 0;
  for (let minute = firstMinute; minute < 1_440; minute += settings.sweepEveryMinutes) {
    let asked = false;
    const query = async () => {
      asked = true;
      return [];
    };
    const resources = {
      s3: new S3Client(),
      sqs: new SQSClient(),
      query,
      bucketName: 'bucket',
      uploadQueueUrl: 'queue',
      sweepEveryMinutes: settings.sweepEveryMinutes,
      lostAfterSeconds: settings.lostAfterMinutes * 60,
      stuckAfterSeconds: 21_600,
    };
    const now = DAY + minute * MINUTE;
    const isThere = droppedAt.filter((time) => time <= now);
    if (isThere.length < droppedAt.length) continue;
    await sweep(resources, new Date(now));
    if (asked) asking++;
  }
  s3.restore();
  return asking;
}

describe('the sweeper itself asks the database as often as the estimate says', () => {
  const YESTERDAY = DAY - 1_440 * MINUTE;

  test.each([15, 7, 60, 120, 240])('on a day without a drop, every %i minutes', async (sweepEveryMinutes) => {
    const estimated = askingSweepsPerDay({ ...DEV, sweepEveryMinutes }, 0, 1);
    for (const firstMinute of [0, Math.floor(sweepEveryMinutes / 2)]) {
      const asking = await askingSweeps(firstMinute, [YESTERDAY], { sweepEveryMinutes });
      expect(asking).toBeGreaterThan(0);
      expect(asking).toBeLessThanOrEqual(estimated);
      expect(asking).toBeGreaterThanOrEqual(estimated - 1);
    }
  });

  test('and for four hours after a drop', async () => {
    const afterDrop = await askingSweeps(300, [DAY + 290 * MINUTE]);
    expect(afterDrop).toBe(16);
    expect(askingSweepsPerDay(DEV, 1, 1)).toBe(4 + 16);
  });
});

test('an idle day of dev has the database awake for 55 minutes: four sweeps and a check, each 11 minutes', () => {
  expect(awakeMinutesPerDay(DEV, 0, 0)).toBe(4 * 11 + 11);
});

test('a day with one file has it awake for the four hours after it, but for the pauses between the sweeps', () => {
  expect(awakeMinutesPerDay(DEV, 1, 30)).toBe((4 + 16) * 11 + 11 + 11);
});

test('a pause that is longer than the time between two sweeps never comes while they ask', () => {
  expect(awakeMinutesPerDay({ ...DEV, databasePauseMinutes: 60 }, 0, 0)).toBe(4 * 15 + 61);
});

test('no day is longer than a day, and a database that may not pause is awake all of it', () => {
  expect(awakeMinutesPerDay(DEV, 100, 100)).toBe(1_440);
  expect(awakeMinutesPerDay({ ...DEV, databaseMinAcu: 0.5 }, 0, 0)).toBe(1_440);
});

test('a bucket with more versions than a sweep lists has every sweep ask', () => {
  expect(askingSweepsPerDay(DEV, 0, 20_001)).toBe(96);
});
