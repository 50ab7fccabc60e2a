import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallFault, DeliveryFault, FaultPlan } from '../../../local/faults/fault-plan.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
});
afterAll(() => cloud?.stop());

/** The consumer's first calls of an action fail in this way. */
function firstCalls(action: string, count: number, fault: CallFault): FaultPlan & { happened: number } {
  const plan = {
    happened: 0,
    onCall: (call: { functionName: string; action: string }) =>
      call.functionName.includes('load') && call.action === action && plan.happened++ < count
        ? fault
        : undefined,
  };
  return plan;
}

/** Every second delivery to the consumer goes wrong, up to a number. */
function everySecondDelivery(fault: DeliveryFault, most: number): FaultPlan & { happened: number } {
  let deliveries = 0;
  const plan = {
    happened: 0,
    onDelivery: ({ functionName }: { functionName: string }) => {
      const isMine = functionName.includes('load') && deliveries++ % 2 === 0 && plan.happened < most;
      if (!isMine) return undefined;
      plan.happened++;
      return fault;
    },
  };
  return plan;
}

async function dropAndAccount(faults: FaultPlan & { happened: number }): Promise<void> {
  cloud.begin(faults);
  await cloud.drop(cloud.makeFile());
  await cloud.expectAccounted();
  expect(faults.happened).toBeGreaterThan(0);
}

describe('a message', () => {
  test('that is delivered again after its rows were inserted, because it was not deleted, changes nothing', async () => {
    await dropAndAccount(everySecondDelivery({ kind: 'undeleted' }, 5));
  });

  test('that two loaders have at the same time, because its visibility timeout is too short, is loaded once', async () => {
    const slow = firstCalls('ExecuteStatement', 8, { kind: 'delay', milliseconds: 150 });
    await dropAndAccount({
      ...everySecondDelivery({ kind: 'visible' }, 6),
      onCall: slow.onCall!,
      happened: 1,
    });
    expect(slow.happened).toBeGreaterThan(0);
  });

  test('whose delay cannot be set is still delivered again', async () => {
    const failing = firstCalls('ExecuteStatement', 6, {
      kind: 'error',
      when: 'before',
      code: 'StatementTimeoutException',
      status: 400,
    });
    const stubborn = firstCalls('ChangeMessageVisibility', 9, {
      kind: 'error',
      when: 'before',
      code: 'InternalFailure',
      status: 500,
    });
    cloud.begin({ onCall: (call) => failing.onCall!(call) ?? stubborn.onCall!(call) });
    await cloud.drop(cloud.makeFile());
    await cloud.expectAccounted();
    expect(stubborn.happened).toBeGreaterThan(0);
  });
});

describe('a crash of the loader', () => {
  test.each(['before', 'after'] as const)(
    '%s the commit neither loses nor duplicates a row',
    async (when) => {
      await dropAndAccount(firstCalls('ExecuteStatement', 3, { kind: 'crash', when }));
    },
  );
});

describe('a response of the Data API', () => {
  test.each([
    ['that breaks off after the commit', { kind: 'reset', when: 'after' }],
    [
      'of an error after the commit',
      { kind: 'error', when: 'after', code: 'InternalServerErrorException', status: 500 },
    ],
    [
      'of a statement timeout after the commit',
      { kind: 'error', when: 'after', code: 'StatementTimeoutException', status: 400 },
    ],
    [
      'of a statement timeout',
      { kind: 'error', when: 'before', code: 'StatementTimeoutException', status: 400 },
    ],
    ['of throttling', { kind: 'error', when: 'before', code: 'ThrottlingException', status: 400 }],
    [
      'that the database is not available',
      { kind: 'error', when: 'before', code: 'DatabaseUnavailableException', status: 504 },
    ],
    ['that the connection is refused', { kind: 'reset', when: 'before' }],
  ] as [string, CallFault][])('%s is retried, and each row counts once', async (_what, fault) => {
    await dropAndAccount(firstCalls('ExecuteStatement', 10, fault));
  });

  test('that the database is resuming makes the loader wait, without a new delivery', async () => {
    const resuming = {
      kind: 'error',
      when: 'before',
      code: 'DatabaseResumingException',
      status: 400,
    } as const;
    const plan = firstCalls('ExecuteStatement', 2, resuming);
    let deliveries = 0;
    cloud.begin({
      ...plan,
      onDelivery: ({ functionName }) => void (functionName.includes('load') && deliveries++),
    });
    await cloud.drop(cloud.makeFile(10));
    await cloud.expectAccounted();
    expect(plan.happened).toBeGreaterThan(2);
    expect(deliveries).toBe(1);
  });
});

describe('at the same time', () => {
  test('two uploads of the same file load each row once', async () => {
    cloud.begin();
    const file = cloud.makeFile(2_500);
    await Promise.all([
      cloud.drop(file),
      cloud.drop(file),
      cloud.drop(file, file.name.replace('.csv', '_b.csv')),
    ]);
    await cloud.expectAccounted();
  });

  test('files with the same ids and different content keep one version and store the others as conflicts', async () => {
    cloud.begin();
    const file = cloud.makeFile(800);
    // The day is content too, and the file's name says it.
    await Promise.all(
      [1, 2, 3, 4].map((day) =>
        cloud.drop({ ...file, date: `2024-03-0${day}` }, `retail_0${day}_03_2024.csv`),
      ),
    );
    await cloud.expectAccounted();
    const { rows } = await cloud.clients.database.query(
      'SELECT sum(rows_conflicting)::int AS conflicts FROM ledger.uploads WHERE store_id = $1',
      [cloud.storeId],
    );
    expect(rows[0].conflicts).toBeGreaterThan(3 * 700);
  });
});
