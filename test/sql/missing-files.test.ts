import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deadline } from '../../lambdas/core/deadlines.ts';
import { findMissingFiles } from '../../lambdas/shared/missing-files.ts';
import { bindParameters } from '../../local/data-api/named-parameters.ts';
import { batchOf, load, numberedUpload } from '../support/batches.ts';
import { TestDatabase } from '../support/test-database.ts';

const OSLO: Deadline = { stores: ['oslo'], time: '22:00', timeZone: 'Europe/Oslo' };
const OTHERS: Deadline = { time: '23:00', timeZone: 'America/New_York' };

let database: TestDatabase;
let find: (now: string, deadlines: readonly Deadline[]) => Promise<Record<string, string[]>>;
beforeAll(async () => {
  database = await TestDatabase.create();
  const loader = await database.connectAs('retail_loader');
  const arrivals = [
    ['oslo', '2025-01-14T23:30:00Z'],
    ['bergen', '2025-01-15T04:30:00Z'],
    ['bergen', '2025-01-16T03:59:00Z'],
  ] as const;
  for (const [index, [storeId, receivedAt]] of arrivals.entries()) {
    const upload = numberedUpload(index + 1, {
      storeId,
      receivedAt,
      key: `incoming/store=${storeId}/${index}.csv`,
    });
    await load(loader, batchOf(upload, 1, { ids: [index + 1], closing: { rowsRead: 1 } }));
  }
  // The role of the verifier.
  const operator = await database.connectAs('retail_operator');
  find = async (now, deadlines) => {
    const query = async (sql: string, parameters: Readonly<Record<string, string>>) => {
      const given = Object.entries(parameters).map(([name, stringValue]) => ({
        name,
        value: { stringValue },
      }));
      const { sql: text, values } = bindParameters(sql, given);
      return (await operator.query({ text, values, rowMode: 'array' })).rows as string[][];
    };
    const document = { stores: ['bergen', 'oslo'], deadlines };
    const window = { now: new Date(now), windowMilliseconds: 20 * 3_600_000 };
    const found = await findMissingFiles(query as never, document, window);
    return Object.fromEntries([...found].map(([store, files]) => [store, files.map(({ day }) => day)]));
  };
});
afterAll(() => database?.drop());

test('the days of a store begin and end in its time zone', async () => {
  // In Oslo the file arrived on the 15th, in UTC on the 14th.
  expect(await find('2025-01-15T21:30:00Z', [OSLO])).toEqual({ oslo: [] });
  expect(await find('2025-01-15T22:30:00Z', [{ ...OSLO, timeZone: 'UTC' }])).toEqual({
    oslo: ['2025-01-15'],
  });
  // In New York the files arrived on the 14th and on the 15th.
  expect(await find('2025-01-16T05:00:00Z', [OTHERS])).toMatchObject({ bergen: [], oslo: ['2025-01-15'] });
});

test('a stage without deadlines does not ask the database', async () => {
  expect(
    await findMissingFiles(() => expect.unreachable(), { stores: ['oslo'], deadlines: [] }, {} as never),
  ).toEqual(new Map());
});
