import type { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
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
