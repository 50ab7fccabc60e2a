import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ExecuteStatementCommand,
  RDSDataClient,
  type RDSDataClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-rds-data';
import { type AwsStub, mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Database, type DatabaseOptions } from '../../../../lambdas/shared/data-api.ts';
import { classifyError } from '../../../../lambdas/shared/errors.ts';

const TARGET = { clusterArn: 'cluster', secretArn: 'secret', databaseName: 'retail' };
const connection = { region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };

test('a call that is never answered ends after its timeout, twice, as a transient error', async () => {
  let calls = 0;
  const silent = createServer(() => void calls++);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const options = { connection: { ...connection, endpoint }, callTimeoutMilliseconds: 250 };
  const error = await new Database(TARGET, options)
    .execute('SELECT 1', {}, Date.now())
    .catch((cause: unknown) => cause);
  expect(classifyError(error)).toBe('transient');
  expect(calls).toBe(2);
  silent.closeAllConnections();
  silent.close();
});

describe('with answers of the Data API', () => {
  let api: AwsStub<ServiceInputTypes, ServiceOutputTypes, RDSDataClientResolvedConfig>;
  beforeEach(() => {
    api = mockClient(RDSDataClient);
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    api.restore();
  });

  const RESUMING = Object.assign(new Error('resuming'), { name: 'DatabaseResumingException' });
  const REFUSED = new Error('FATAL: password authentication failed for user "x"; SQLState: 28P01');

  /** Runs a statement that the database refuses this number of times. @returns result, time and number of calls */
  async function execute(error: Error, refusals: number, deadline: number, options: DatabaseOptions = {}) {
    vi.setSystemTime(0);
    let calls = 0;
    api.on(ExecuteStatementCommand).callsFake(() => {
      if (calls++ < refusals) throw error;
      return { records: [] };
    });
    const database = new Database(TARGET, { connection, ...options });
    const outcome = database.execute('SELECT 1', {}, deadline).then(
      () => 'done',
      (cause: Error) => cause,
    );
    await vi.runAllTimersAsync();
    return { outcome: await outcome, time: Date.now(), calls };
  }

  test('a paused database is waited for until the deadline, with a notification of the caller', async () => {
    const onResuming = vi.fn();
    expect(await execute(RESUMING, 10, 60_000, { onResuming })).toEqual({
      outcome: 'done',
      time: 20_000,
      calls: 11,
    });
    expect(onResuming).toHaveBeenCalledTimes(10);
    expect(await execute(RESUMING, 100, 60_000)).toEqual({ outcome: RESUMING, time: 60_000, calls: 31 });
  });

  test('a refused password is waited for as long as a rotation takes', async () => {
    expect(await execute(REFUSED, 1, 60_000)).toEqual({ outcome: 'done', time: 2_000, calls: 2 });
    expect(await execute(REFUSED, 100, 60_000)).toMatchObject({ outcome: REFUSED, time: 14_000 });
    expect(await execute(REFUSED, 100, 5_000)).toMatchObject({ outcome: REFUSED, time: 4_000 });
    expect(await execute(REFUSED, 100, 60_000, { rotationWaitMilliseconds: 0 })).toMatchObject({ calls: 1 });
  });

  test('another error is thrown at once', async () => {
    const error = new Error('ERROR: division by zero; SQLState: 22012');
    expect(await execute(error, 1, 60_000)).toEqual({ outcome: error, time: 0, calls: 1 });
  });

  test('rows are the texts of their columns, or values by column name', async () => {
    api.on(ExecuteStatementCommand).resolves({
      columnMetadata: [
        { name: 'a' },
        { name: 'x', label: 'b' },
        { label: 'c' },
        { label: 'd' },
        { label: 'e' },
      ],
      records: [
        [
          { stringValue: 'x' },
          { isNull: true },
          { longValue: 0 },
          { doubleValue: 0.5 },
          { booleanValue: false },
        ],
      ],
    });
    const database = new Database(TARGET, { connection });
    expect(await database.rows('SELECT :a', { a: '1' }, 0)).toEqual([['x', '', '', '', '']]);
    expect(await database.namedRows('SELECT :a', { a: '1' }, 0)).toEqual([
      { a: 'x', b: null, c: 0, d: 0.5, e: false },
    ]);
    expect(api.commandCalls(ExecuteStatementCommand).map(({ args }) => args[0].input)).toEqual(
      [{}, { includeResultMetadata: true }].map((options) => ({
        ...options,
        resourceArn: 'cluster',
        secretArn: 'secret',
        database: 'retail',
        sql: 'SELECT :a',
        parameters: [{ name: 'a', value: { stringValue: '1' } }],
      })),
    );
  });
});
