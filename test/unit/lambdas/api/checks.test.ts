import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CheckFinding } from '../../../../lambdas/core/api-checks.ts';
import { toFinding, writeCheckResult } from '../../../../lambdas/shared/check-results.ts';
import { database, mockServices, objects, request, s3, serviceError, tokenFor } from './running-api.ts';

mockServices();
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const NOW = '2025-03-14T12:00:00.000Z';
const COUNTS = { files: 12, compared: 12, lost: 0, stuck: 0, unsent: 0 };

/** Writes a result at a time, and goes on to the time of the tests. */
async function write(finishedAt: string, findings: CheckFinding[] = []): Promise<void> {
  vi.setSystemTime(finishedAt);
  const bucket = { s3: new S3Client(), bucketName: 'bucket' };
  await writeCheckResult(bucket, 'sweep', COUNTS, findings);
  vi.setSystemTime(NOW);
}

describe('the results of the checks', () => {
  test('have not come before the first run, which is not late', async () => {
    const { status, body } = await request('listChecks');
    expect(status).toBe(200);
    expect(body).toEqual({
      sweep: { everyMinutes: 15, isOverdue: false },
      verify: { everyMinutes: 1_440, isOverdue: false },
    });
  });

  test('say when a check ended and when it is due, and leave the database alone', async () => {
    await write('2025-03-14T11:50:00.000Z');
    const { body, headers } = await request('listChecks');
    expect(body.sweep).toEqual({
      everyMinutes: 15,
      last: { finishedAt: '2025-03-14T11:50:00.000Z', counts: COUNTS, findings: [], moreFindings: 0 },
      dueAt: '2025-03-14T12:05:00.000Z',
      isOverdue: false,
    });
    expect(body.verify).toEqual({ everyMinutes: 1_440, isOverdue: false });
    const again = await request('listChecks', { headers: { 'if-none-match': headers.etag! } });
    expect(again.status).toBe(304);
    expect(database.calls()).toEqual([]);
  });

  test.each([
    ['11:25:00', false],
    ['11:24:59', true],
  ])('of %s are overdue at 12:00, if a run is due every 15 minutes: %s', async (time, isOverdue) => {
    await write(`2025-03-14T${time}.000Z`);
    expect((await request('listChecks')).body.sweep).toMatchObject({ isOverdue });
  });

  test('name 100 findings and count the others, and no text is long', async () => {
    const key = 'incoming/store=oslo/a/b.csv';
    const finding = toFinding('difference', { uploadId: 'u', key, text: 'x'.repeat(10_000) });
    expect(finding).toEqual({
      ...{ kind: 'difference', text: 'x'.repeat(500), uploadId: 'u', store: 'oslo', fileName: 'b.csv' },
    });
    await write(
      NOW,
      Array.from({ length: 150 }, () => finding),
    );
    expect((await request('listChecks')).body).toMatchObject({
      sweep: { last: { findings: Array.from({ length: 100 }, () => finding), moreFindings: 50 } },
    });
  });

  test('of another form, which another release wrote, are not read', async () => {
    await write(NOW);
    objects.set('checks/sweep.json', JSON.stringify({ version: 2, anything: true }));
    expect((await request('listChecks')).body.sweep).toEqual({ everyMinutes: 15, isOverdue: false });
  });

  test('are for operators, and an unavailable bucket is a problem that passes', async () => {
    const { status, body } = await request('listChecks', { authorizer: tokenFor('oslo') });
    expect([status, body.type]).toEqual([403, 'urn:retail:problem:forbidden']);
    s3.on(ListObjectsV2Command).rejects(serviceError('SlowDown', 503));
    expect((await request('listChecks')).status).toBe(503);
  });
});

test('a finding without a key of a store names none', () => {
  expect(toFinding('difference', { key: '', text: 'the table has rows without an upload id' })).toEqual({
    kind: 'difference',
    text: 'the table has rows without an upload id',
  });
});
