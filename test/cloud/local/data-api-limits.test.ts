import {
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  RDSDataClient,
} from '@aws-sdk/client-rds-data';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STACK_OUTPUTS } from '../../../lambdas/shared/stacks.ts';
import { TestCloud } from '../../support/test-cloud.ts';

let cloud: TestCloud;
let client: RDSDataClient;
beforeAll(async () => {
  cloud = await TestCloud.start();
  client = new RDSDataClient({
    ...cloud.client.access.connection,
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client?.destroy();
  await cloud?.stop();
});

function execute(sql: string, more: Partial<ExecuteStatementCommandInput> = {}) {
  const { outputs } = cloud.cloud.running;
  return client.send(
    new ExecuteStatementCommand({
      resourceArn: outputs[STACK_OUTPUTS.data.clusterArn],
      secretArn: outputs[STACK_OUTPUTS.data.operatorSecretArn],
      sql,
      ...more,
    }),
  );
}

const text = (name: string, stringValue: string) => ({ name, value: { stringValue } });

test('a statement is cancelled after 45 seconds', async () => {
  const { records } = await execute('SHOW statement_timeout');
  expect(records).toEqual([[{ stringValue: '45s' }]]);
});

test('each type of value is returned in its Data API member', async () => {
  const { records } = await execute(
    `SELECT 1, 2.50::numeric(5,2), 'x', true, NULL, 1.5::float8, '2024-01-31'::date, 9007199254740991::bigint`,
  );
  expect(records![0]).toEqual([
    { longValue: 1 },
    { stringValue: '2.50' },
    { stringValue: 'x' },
    { booleanValue: true },
    { isNull: true },
    { doubleValue: 1.5 },
    { stringValue: '2024-01-31' },
    { longValue: 9007199254740991 },
  ]);
});

test.each([
  ['bytea', `'\\x00ff'::bytea`, { blobValue: new Uint8Array([0, 255]) }],
  ['text[]', `ARRAY['a""', '{b}', 'NULL']`, { arrayValue: { stringValues: ['a""', '{b}', 'NULL'] } }],
  ['int[]', 'ARRAY[1, 2]', { arrayValue: { longValues: [1, 2] } }],
  ['float8[]', 'ARRAY[1.5::float8]', { arrayValue: { doubleValues: [1.5] } }],
  ['bool[]', 'ARRAY[true, false]', { arrayValue: { booleanValues: [true, false] } }],
  ['numeric[]', 'ARRAY[1.50]', { arrayValue: { stringValues: ['1.50'] } }],
  ['timestamp', `'2024-01-31'::timestamp`, { stringValue: '2024-01-31 00:00:00' }],
  ['name', "'x'::name", { stringValue: 'x' }],
])('a value of the type %s has its own member', async (_, value, field) => {
  expect((await execute(`SELECT ${value}`)).records).toEqual([[field]]);
});

test.each([
  `pg_sleep(0)`,
  `'1 day'::interval`,
  `1::money`,
  `'pg_class'::regclass`,
  `'text'::regtype`,
  `now()`,
  `now()::timetz`,
  `point(1, 2)`,
  `'a'::"char"`,
  `'1 2'::int2vector`,
  `1::oid`,
  `'<a/>'::xml`,
  `B'1'`,
  `ROW(1)`,
  `int4range(1, 2)`,
  `ARRAY[now()]`,
  `ARRAY[1, NULL]`,
  `ARRAY[ARRAY[1]]`,
  `'NaN'::float8`,
  `NULL::interval`,
])('a result that AWS does not document is refused: %s', async (value) => {
  await expect(execute(`SELECT ${value}`)).rejects.toMatchObject({ name: 'UnsupportedResultException' });
});

test.each([
  ['many rows', `SELECT repeat('x', 1000) FROM generate_series(1, 1000000)`],
  ['one row', `SELECT repeat('x', 600000000)`],
])('a huge answer of %s is refused before it fills the memory', async (_, sql) => {
  const before = process.memoryUsage().rss;
  await expect(execute(sql)).rejects.toMatchObject({ name: 'UnsupportedResultException' });
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
  expect((await execute('SELECT 1')).records).toEqual([[{ longValue: 1 }]]);
});

test('PostgreSQL is asked for one statement, also where the local cloud does not see a second', async () => {
  await expect(execute('SELECT 1 AS a$x$; SELECT 2; --$x$')).rejects.toThrow('Multistatements');
});

test('a parameter has no other type than its value', async () => {
  await expect(
    execute('SELECT count(*) FROM transactions WHERE transaction_date = :day', {
      parameters: [text('day', '2024-03-01')],
    }),
  ).rejects.toThrow('operator does not exist: date = text');
});

test('a parameter is bound wherever its name appears', async () => {
  const { records } = await execute('SELECT :day::date + 1, :day::date - 1', {
    parameters: [text('day', '2024-03-01')],
  });
  expect(records![0]).toEqual([{ stringValue: '2024-03-02' }, { stringValue: '2024-02-29' }]);
});

test.each<[string, string, Partial<ExecuteStatementCommandInput>, string]>([
  ['two statements', 'SELECT 1; SELECT 2', {}, "Multistatements aren't supported"],
  ['a parameter that is not given', 'SELECT :a', {}, 'Cannot find parameter: a'],
  [
    'an array',
    'SELECT :a',
    { parameters: [{ name: 'a', value: { arrayValue: { longValues: [1] } } }] },
    'Invalid input → at parameters[0].value',
  ],
  [
    'a type hint',
    'SELECT :a',
    { parameters: [{ ...text('a', '2024-03-01'), typeHint: 'DATE' }] },
    'Unrecognized key: "typeHint" → at parameters[0]',
  ],
  [
    'a binary value',
    'SELECT :a',
    { parameters: [{ name: 'a', value: { blobValue: new Uint8Array(1) } }] },
    'Invalid input → at parameters[0].value',
  ],
  ['a row above 64 KB', "SELECT repeat('x', 65537)", {}, '64 KB'],
  [
    'an answer above 1 MiB',
    "SELECT repeat('x', 60000) FROM generate_series(1, 20)",
    {},
    'allowed response size',
  ],
  ['a request above 4 MiB', 'SELECT :a', { parameters: [text('a', 'x'.repeat(4_200_000))] }, 'longer than'],
  [
    'a transaction, which the pipeline does not use',
    'SELECT 1',
    { transactionId: 'x' },
    'Unrecognized key: "transactionId"',
  ],
  [
    'a secret that is not there',
    'SELECT 1',
    { secretArn: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:no' },
    'is not found',
  ],
])('%s is refused', async (_, sql, more, message) => {
  await expect(execute(sql, more)).rejects.toThrow(message);
});

test('an error of PostgreSQL carries its SQLSTATE', async () => {
  await expect(execute('SELECT nothing FROM nowhere')).rejects.toMatchObject({
    name: 'DatabaseErrorException',
    message: expect.stringMatching(/^ERROR: .*; SQLState: 42P01$/),
  });
});
