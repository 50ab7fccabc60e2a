import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { findLostReceipts } from '../../../../lambdas/shared/lost-receipts.ts';

const s3 = mockClient(S3Client);
const NOW = new Date('2025-03-14T12:00:00Z');
const EARLIER = new Date('2025-03-01T12:00:00Z');
const COMPLETED = '2025-03-14T11:00:00.000Z';

/** Beginnings of the ids of files that the database has. */
let known: string[];
const search = {
  s3: new S3Client({}),
  bucketName: 'bucket',
  query: async (_sql: string, { starts = '[]' }: Readonly<Record<string, string>>) =>
    (JSON.parse(starts) as string[]).filter((start) => !known.includes(start)).map((start) => [start]),
};
const readKeys = () => s3.commandCalls(GetObjectCommand).map(({ args: [{ input }] }) => input.Key);

afterAll(() => s3.restore());
beforeEach(() => {
  s3.reset();
  known = ['aaaaaaaa'];
  const list = (names: readonly string[], LastModified: Date) =>
    names.map((name) => ({ Key: `receipts/store%3Dmain/${name}`, LastModified }));
  s3.on(ListObjectsV2Command)
    .resolves({
      Contents: [
        ...list(['k.csv-aaaaaaaa.json', 'k.csv-aaaaaaaa.txt', 'l+1%01.csv-bbbbbbbb.json'], NOW),
        ...list(['l+1%01.csv-bbbbbbbb.txt', 'note.json'], NOW),
        ...list(['l+1%01.csv-bbbbbbbb-2.json', 'm.csv-cccccccc.json'], EARLIER),
      ],
      NextContinuationToken: 'more',
    })
    .on(ListObjectsV2Command, { ContinuationToken: 'more' })
    .resolves({ Contents: list(['n.csv-dddddddd.json', 'o.csv-eeeeeeee.json'], NOW) });
  s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
    const id = /-([a-f])\1{7}/.exec(Key)![1];
    const status = id === 'd' ? 'failed' : 'complete';
    const receipt = { status, key: `incoming/${id}`, versionId: id, completedAt: COMPLETED };
    return { Body: { transformToString: async () => JSON.stringify(receipt) } };
  });
});

test('a file that a receipt calls complete and the database lacks is found once, with its version', async () => {
  const found = await findLostReceipts(search);
  expect(found.map(({ key }) => key)).toEqual(['incoming/b', 'incoming/c', 'incoming/e']);
  expect(found[0]).toEqual({
    uploadId: '',
    key: 'incoming/b',
    text: `version b was complete at ${COMPLETED}, as its receipt says, and is not in the ledger`,
  });
});

test('only receipts since a time, and of files that the database lacks, are read', async () => {
  const found = await findLostReceipts({ ...search, since: new Date('2025-03-10T00:00:00Z') });
  expect(found.map(({ key }) => key)).toEqual(['incoming/b', 'incoming/e']);
  expect(readKeys()).toEqual([
    'receipts/store=main/l 1\u0001.csv-bbbbbbbb.json',
    'receipts/store=main/n.csv-dddddddd.json',
    'receipts/store=main/o.csv-eeeeeeee.json',
  ]);
});

test('the search ends after a number of files, and leaves out those that are known to be missing', async () => {
  expect(await findLostReceipts({ ...search, reported: new Set(['b incoming/b']), limit: 1 })).toMatchObject([
    { key: 'incoming/c' },
  ]);
  expect(s3.commandCalls(ListObjectsV2Command)).toHaveLength(1);
});
