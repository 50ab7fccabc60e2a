import { ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { sweep } from '../../../../lambdas/sweep/sweep.ts';

const s3 = mockClient(S3Client);
const sqs = mockClient(SQSClient);
const UPLOADED = new Date('2024-03-01T12:00:00Z');
/** The statements that the sweep sent to the database. */
let statements: string[];
/** Objects that the database reports as unfinished, by round. */
let unfinished: string[][][];
/** Uploads with notices that were not sent. */
let unsent: string[][];

afterAll(() => {
  s3.restore();
  sqs.restore();
});
beforeEach(() => {
  s3.reset();
  sqs.reset();
  statements = [];
  unfinished = [];
  unsent = [];
  const Versions = [{ Key: 'incoming/a.csv', VersionId: '1', LastModified: UPLOADED }];
  s3.on(ListObjectVersionsCommand).resolves({ Versions });
});

function sweepAt(now: Date, settings = {}) {
  return sweep(
    {
      s3: new S3Client(),
      sqs: new SQSClient(),
      query: async (sql) => {
        statements.push(/ledger\.\w+/.exec(sql)![0]);
        if (sql.includes('retry_notices')) return unsent;
        return sql.includes('find_unfinished') ? (unfinished.shift() ?? []) : [];
      },
      bucketName: 'uploads',
      uploadQueueUrl: 'queue',
      noticeQueueUrl: 'notices',
      sweepEveryMinutes: 15,
      stuckAfterSeconds: 21_600,
      lostAfterSeconds: 3_600,
      ...settings,
    },
    now,
  );
}

describe('a sweep asks the database, which may be paused', () => {
  const HOUR = 3_600_000;
  const asks = async (hours: number, settings = {}) => {
    statements = [];
    await sweepAt(new Date(UPLOADED.getTime() + hours * HOUR), settings);
    return statements.length > 0;
  };

  test('for four hours after an upload, even if objects count as lost after a minute', async () => {
    for (const lostAfterSeconds of [60, 3_600]) {
      expect(await asks(3, { lostAfterSeconds })).toBe(true);
      expect(await asks(4, { lostAfterSeconds })).toBe(true);
      expect(await asks(4.01, { lostAfterSeconds })).toBe(false);
    }
  });

  test('for four times as long as an object may be lost, if that is longer', async () => {
    expect(await asks(7.9, { lostAfterSeconds: 7_200 })).toBe(true);
    expect(await asks(8.1, { lostAfterSeconds: 7_200 })).toBe(false);
  });

  test('in the first hour of each day', async () => {
    expect(await asks(48 - 12)).toBe(true);
    expect(await asks(48 - 12 + 59 / 60)).toBe(true);
    expect(await asks(48 - 12 + 1)).toBe(false);
  });

  test('in the first two hours of each day if it runs every two hours', async () => {
    expect(await asks(48 - 12 + 1.9, { sweepEveryMinutes: 120 })).toBe(true);
    expect(await asks(48 - 12 + 2, { sweepEveryMinutes: 120 })).toBe(false);
  });

  test('always, if the bucket has more objects than one sweep lists', async () => {
    s3.on(ListObjectVersionsCommand).resolves({ IsTruncated: true, NextKeyMarker: 'incoming/m' });
    expect(await asks(17)).toBe(true);
    expect(s3.commandCalls(ListObjectVersionsCommand)).toHaveLength(2 * 20);
  });
});

test('missing and stuck uploads are sent to the parser, for at most five rounds', async () => {
  const object = (reason: string, settings = '') => {
    return ['uploads', 'incoming/a.csv', '1', '2024-03-01T12:00:00Z', reason, settings];
  };
  unfinished = [
    [object('lost'), object('stuck', '5e77')],
    ...Array.from({ length: 9 }, () => [object('lost')]),
  ];
  const file = { store: 'main', fileName: 'a.csv' };
  expect(await sweepAt(UPLOADED)).toEqual({
    ...{ versionsListed: 1, compared: 1, lost: 5, stuck: 1, unsent: 0 },
    findings: ['lost', 'stuck', 'lost', 'lost', 'lost', 'lost'].map((kind) => {
      return { kind, text: expect.stringContaining('arrived at 2024-03-01T12:00:00Z'), ...file };
    }),
  });
  const sent = sqs.commandCalls(SendMessageCommand).map(({ args }) => args[0].input);
  expect(sent).toHaveLength(6);
  expect(sent[0]!.QueueUrl).toBe('queue');
  expect(JSON.parse(sent[0]!.MessageBody!)).toMatchObject({
    Records: [{ s3: { bucket: { name: 'uploads' }, object: { key: 'incoming/a.csv', versionId: '1' } } }],
  });
  expect(JSON.parse(sent[0]!.MessageBody!)).not.toHaveProperty('settings');
  expect(JSON.parse(sent[1]!.MessageBody!)).toHaveProperty('settings', '5e77');
  const round = ['ledger.find_unfinished', 'ledger.note_sent'];
  const rounds = Array.from({ length: 5 }, () => round).flat();
  expect(statements).toEqual(['ledger.note_listed', ...rounds, 'ledger.retry_notices']);
});

test('the notifier is told about uploads whose notices were not sent', async () => {
  unsent = [['u1'], ['u2']];
  expect(await sweepAt(UPLOADED)).toMatchObject({
    unsent: 2,
    findings: ['u1', 'u2'].map((uploadId) => ({ kind: 'unsent', uploadId })),
  });
  const sent = sqs.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);
  expect(sent).toEqual(
    ['u1', 'u2'].map((uploadId) => ({ QueueUrl: 'notices', MessageBody: JSON.stringify({ uploadId }) })),
  );
});
