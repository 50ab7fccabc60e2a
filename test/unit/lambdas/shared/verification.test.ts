import { expect, test } from 'vitest';
import type { Query } from '../../../../lambdas/shared/data-api.ts';
import { checkLedger, findReplayLosses, findStuckUploads } from '../../../../lambdas/shared/verification.ts';

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('every page of uploads is checked, and each difference is named with its upload and key', async () => {
  const asked: Readonly<Record<string, string>>[] = [];
  const query: Query = async (sql, parameters) => {
    if (sql.includes('find_unknown_uploads')) return [[''], [id(999)]];
    asked.push(parameters);
    const first = asked.length === 1 ? 1 : 101;
    const length = asked.length === 1 ? 100 : 7;
    return Array.from({ length }, (_, index) => {
      const number = first + index;
      return [id(number), `incoming/${number}.csv`, number % 50 === 3 ? 'one; two' : '', '20'];
    });
  };
  expect(await checkLedger(query, '-infinity')).toEqual({
    uploadsChecked: 107,
    rowsChecked: 2_140,
    differences: [
      { uploadId: id(3), key: 'incoming/3.csv', text: 'one; two' },
      { uploadId: id(53), key: 'incoming/53.csv', text: 'one; two' },
      { uploadId: id(103), key: 'incoming/103.csv', text: 'one; two' },
      { uploadId: '', key: '', text: 'the table has rows without an upload id' },
      {
        uploadId: id(999),
        key: '',
        text: 'rows of the table have this upload id, but the ledger has no such upload',
      },
    ],
  });
  expect(asked).toEqual([
    { since: '-infinity', after: id(0).replace('-4000-8000-', '-0000-0000-') },
    { since: '-infinity', after: id(100) },
  ]);
});

test('stuck uploads are counted, and the first of them are named', async () => {
  const query: Query = async (_sql, { seconds }) =>
    seconds === '60' ? [[id(1), 'incoming/1.csv', '2024-01-01 00:00 UTC', '250']] : [];
  expect(await findStuckUploads(query, 60)).toEqual({
    count: 250,
    differences: [
      {
        uploadId: id(1),
        key: 'incoming/1.csv',
        text: 'is still loading, without progress since 2024-01-01 00:00 UTC',
      },
    ],
  });
  expect(await findStuckUploads(query, 61)).toEqual({ count: 0, differences: [] });
});

test('a reading that refuses rows which are in the table is a danger, and otherwise a loss', async () => {
  const query: Query = async (sql, { revision }) =>
    revision === 'r2' && sql.includes('find_replay_losses')
      ? [
          [id(1), 'incoming/1.csv', '60', '3'],
          [id(2), 'incoming/2.csv', '5', '0'],
        ]
      : [];
  const found = 'rows that an earlier reading of the same file inserted are refused now';
  expect(await findReplayLosses(query, '-infinity', 'r2')).toEqual({
    lost: [
      { uploadId: id(1), key: 'incoming/1.csv', text: `60 ${found}, and 3 of them are not in the table` },
    ],
    endangered: [
      {
        uploadId: id(2),
        key: 'incoming/2.csv',
        text: `5 ${found}: a rebuild from the bucket would lose them`,
      },
    ],
  });
});

test('a file that is older than the database and mostly rejected is a danger', async () => {
  const query: Query = async (sql) =>
    sql.includes('find_doubtful_readings')
      ? [
          [id(1), 'incoming/1.csv', '60', '61', ''],
          [id(2), 'incoming/2.csv', '0', '0', 'too-many-rejected-rows'],
        ]
      : [];
  const { lost, endangered } = await findReplayLosses(query, '-infinity', 'r2');
  expect(lost).toEqual([]);
  expect(endangered).toMatchObject([
    { uploadId: id(1), key: 'incoming/1.csv', text: expect.stringContaining('60 of 61 rows were rejected') },
    { uploadId: id(2), text: expect.stringContaining('it was refused (too-many-rejected-rows)') },
  ]);
});
