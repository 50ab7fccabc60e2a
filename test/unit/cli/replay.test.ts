import {
  GetObjectCommand,
  type ListObjectsV2Command,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { buildReadingKey, FIRST_READING } from '../../../lambdas/shared/readings.ts';
import { runInProcess } from './run-in-process.ts';

const KEYS = ['complete', 'failed', 'unreadable', 'loading', 'new'].map((name) => `incoming/${name}.csv`);
const COMMON = {
  storeId: 'main',
  rowsRead: 1,
  rowsInserted: 1,
  rowsDuplicate: 0,
  rowsConflicting: 0,
  rowsRejected: 0,
  receivedAt: '2024-05-01T00:00:00Z',
};

test.each(['object-unreadable', 'message-discarded'])(
  'replay sends what is not loaded, and one with %s again until it ends a second time',
  async (failureCode) => {
    const ledger = new Map<string, object>([
      [KEYS[0]!, { status: 'complete', completedAt: '2024-05-01T00:00:00Z' }],
      [KEYS[1]!, { status: 'failed', failureCode: 'not-csv', completedAt: '2024-05-01T00:00:00Z' }],
      [KEYS[2]!, { status: 'failed', failureCode, completedAt: '2024-05-01T00:00:00Z' }],
      [KEYS[3]!, { status: 'loading', completedAt: null }],
    ]);
    const sent: string[] = [];
    let asked = 0;
    const client: Partial<CloudClient> = {
      bucket: 'bucket',
      access: { pollMilliseconds: 1, flags: [] } as never,
      s3: {
        send: async () => ({
          Versions: KEYS.map((Key) => ({ Key, VersionId: 'v', LastModified: new Date(0) })),
        }),
      } as Partial<S3Client> as S3Client,
      uploadIdOf: ({ key }) => key,
      announce: async ({ key }) => void sent.push(key),
      query: async (_sql, { ids } = {}) => {
        // The answers to the first questions are those of before.
        if (sent.length > 0 && ++asked % 3 === 0)
          ledger.set(sent.at(-1)!, { status: 'complete', completedAt: '2024-05-02T00:00:00Z' });
        const uploadIds: string[] = JSON.parse(ids!);
        return uploadIds.flatMap((uploadId) => {
          const entry = ledger.get(uploadId);
          return entry === undefined ? [] : [{ ...COMMON, uploadId, key: uploadId, ...entry }];
        });
      },
    };
    const { code, stdout, stderr } = await runInProcess(['replay', '--all'], client);
    expect(code, stderr).toBe(0);
    expect(sent.toSorted()).toEqual([KEYS[3], KEYS[4], KEYS[2]]);
    expect(stderr).toContain('5 objects: replaying 3, 2 already loaded or refused.');
    expect(stdout).not.toMatch(/failed|loading /);
  },
);

test('a rebuild reads each object once for each record of a reading, in the order of the readings', async () => {
  const objects = ['a', 'b', 'c'].map((name) => ({ key: `incoming/${name}.csv`, versionId: 'v' }));
  const [a, b] = objects;
  const record = (settings: string, readAt: string) => ({
    version: 1,
    settings,
    readAt,
    rules: {},
    limits: {},
  });
  const records = new Map([
    [buildReadingKey(a!, FIRST_READING), record('old', '2024-05-01T10:00:00Z')],
    [buildReadingKey(a!, 'new'), record('new', '2024-05-03T10:00:00Z')],
    [buildReadingKey(b!, FIRST_READING), record('new', '2024-05-02T10:00:00Z')],
  ]);
  const sent: string[] = [];
  const client: Partial<CloudClient> = {
    bucket: 'bucket',
    access: { pollMilliseconds: 1, flags: [], outputs: { parserRevision: 'code-now' } } as never,
    s3: {
      send: async (command: object) => {
        if (command instanceof ListObjectVersionsCommand) {
          const { Prefix } = command.input;
          const LastModified = new Date('2024-05-02T12:00:00Z');
          const found = objects.filter(({ key }) => key.startsWith(Prefix!));
          return { Versions: found.map(({ key: Key }) => ({ Key, VersionId: 'v', LastModified })) };
        }
        if (command instanceof GetObjectCommand) {
          const text = JSON.stringify(records.get(command.input.Key!));
          return { Body: { transformToString: async () => text } };
        }
        const { Prefix } = (command as ListObjectsV2Command).input;
        const keys = [...records.keys()].filter((key) => key.startsWith(Prefix!));
        return { Contents: keys.map((Key) => ({ Key })) };
      },
    } as Partial<S3Client> as S3Client,
    uploadIdOf: ({ key }, settings) => `${key} ${settings}`,
    announce: async ({ key }, settings) => void sent.push(`${key} ${settings}`),
    query: async (_sql, { ids } = {}) =>
      (JSON.parse(ids!) as string[])
        .filter((uploadId) => sent.includes(uploadId))
        .map((uploadId) => ({ ...COMMON, uploadId, key: uploadId, status: 'complete', completedAt: 'now' })),
  };
  const { code, stderr } = await runInProcess(['replay', '--all'], client);
  expect(code, stderr).toBe(0);
  const [first, second, , last] = ['a.csv old', 'b.csv new', '', 'a.csv new'].map(
    (text) => `incoming/${text}`,
  );
  expect(sent).toEqual([first, second, 'incoming/c.csv undefined', last]);
  expect(stderr).toContain('3 objects, read 4 times: replaying 4');
  sent.length = 0;
  await runInProcess(['replay', '--all', '--settings', 'current'], client);
  expect(sent.toSorted()).toEqual(objects.map(({ key }) => `${key} current`));
  sent.length = 0;
  await runInProcess(['replay', 'incoming/a.csv'], client);
  expect(sent).toEqual(['incoming/a.csv current']);
});
