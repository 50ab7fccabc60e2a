import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallFault, FunctionCall } from '../../../local/faults/fault-plan.ts';
import { GZIPPED, PLAIN } from '../../../tools/chaos/made-up-file.ts';
import { AccountedCloud } from '../../support/accounted-cloud.ts';

let cloud: AccountedCloud;
beforeAll(async () => {
  cloud = await AccountedCloud.start();
});
afterAll(() => cloud?.stop());

/** Faults at the nth calls of the parser's action from now on. */
function atCalls(action: string, faults: Readonly<Record<number, CallFault>>) {
  let number = 0;
  return {
    onCall: (call: FunctionCall) =>
      call.functionName.includes('parse') && call.action === action ? faults[++number] : undefined,
  };
}

describe('events', () => {
  test('repeated events and events out of order load each object once', async () => {
    cloud.begin({ onEvent: () => 'twice' });
    for (let files = 0; files < 5; files++) await cloud.drop(cloud.makeFile(50));
    await cloud.expectAccounted();
  });

  test('the sweeper finds the object of a lost event', async () => {
    cloud.begin({ onEvent: () => 'lost' });
    const lost = await cloud.drop(cloud.makeFile(300));
    await cloud.cloud.invoke('sweep');
    expect(await cloud.batchesOf(lost)).toBe(0);
    await expect
      .poll(async () => ((await cloud.cloud.invoke('sweep')) as { lost: number }).lost, { interval: 300 })
      .toBe(1);
    await cloud.expectAccounted();
  });
});

describe('the object', () => {
  test('overwritten during parsing, is loaded in both versions', async () => {
    cloud.begin(atCalls('GetObject', { 1: { kind: 'delay', milliseconds: 600 } }));
    const [first, second] = [cloud.makeFile(), cloud.makeFile(300)];
    await cloud.drop(first);
    await cloud.drop({ ...second, date: first.date }, first.name);
    await cloud.expectAccounted();
  });

  test('deleted before parsing, is a failed upload with that reason', async () => {
    cloud.begin(atCalls('GetObject', { 1: { kind: 'delay', milliseconds: 600 } }));
    const drop = await cloud.drop(cloud.makeFile(), 'retail_02_03_2024.csv', true);
    await cloud.expectAccounted();
    const { rows } = await cloud.clients.database.query(
      'SELECT status, failure_code FROM ledger.uploads WHERE version_id = $1',
      [drop.versionId],
    );
    expect(rows).toEqual([{ status: 'failed', failure_code: 'object-deleted' }]);
  });
});

describe('a crash of the parser', () => {
  const crashes = [1, 2, 3, 4, 5].flatMap((call) =>
    (['before', 'after'] as const).map((when) => [when, call] as const),
  );
  test.each(crashes)(
    '%s its call %i to the row queue neither loses nor duplicates a row',
    async (when, call) => {
      cloud.begin(atCalls('SendMessageBatch', { [call]: { kind: 'crash', when } }));
      const drop = await cloud.drop(cloud.makeFile(2_500));
      await cloud.expectAccounted();
      expect(await cloud.batchesOf(drop)).toBeGreaterThan(10);
    },
  );

  test.each(['GetObject', 'PutObject'])(
    'in the middle of %s neither loses nor duplicates a row',
    async (action) => {
      cloud.begin(
        atCalls(action, { 1: { kind: 'crash', when: 'before' }, 2: { kind: 'crash', when: 'after' } }),
      );
      await cloud.drop(cloud.makeFile());
      await cloud.expectAccounted();
    },
  );
});

describe('the row queue', () => {
  test('that accepts some messages of a call and refuses others receives the others again', async () => {
    const partial = { kind: 'partial' } as const;
    cloud.begin(atCalls('SendMessageBatch', { 1: partial, 2: partial, 3: partial, 5: partial }));
    await cloud.drop(cloud.makeFile(2_500));
    await cloud.expectAccounted();
  });

  test.each([
    [
      'an error after it took the messages',
      { kind: 'error', when: 'after', code: 'InternalFailure', status: 500 },
    ],
    ['a connection that breaks after it took them', { kind: 'reset', when: 'after' }],
    ['throttling', { kind: 'error', when: 'before', code: 'ThrottlingException', status: 400 }],
  ] as [string, CallFault][])(
    'that responds with %s has every batch once in the end',
    async (_what, fault) => {
      // More failures than the SDK retries.
      cloud.begin(atCalls('SendMessageBatch', { 1: fault, 2: fault, 3: fault, 4: fault, 7: fault }));
      await cloud.drop(cloud.makeFile(2_500));
      await cloud.expectAccounted();
    },
  );
});

describe('the time limit', () => {
  test.each([
    ['file', PLAIN],
    ['archive', GZIPPED],
  ])('in the middle of a large %s makes the parser continue from its checkpoint', async (_what, dress) => {
    const slow: CallFault = { kind: 'delay', milliseconds: 600 };
    let deliveries = 0;
    cloud.begin({
      onCall: ({ functionName, action }) =>
        functionName.includes('parse') && action === 'SendMessageBatch' ? slow : undefined,
      // Later ones have all the time, so that a machine that is too slow for the others comes to an end too.
      onDelivery: ({ functionName }) =>
        functionName.includes('parse') && ++deliveries <= 5 ? { kind: 'time-limit', seconds: 10 } : undefined,
    });
    const drop = await cloud.drop(cloud.makeFile(60_000, dress));
    await cloud.expectAccounted();
    const continued = (await cloud.logs('parse')).filter(
      ({ message, versionId }) =>
        message === 'upload continues in another invocation' && versionId === drop.versionId,
    );
    const batches = continued.map(({ batch }) => Number(batch));
    expect(batches.length).toBeGreaterThan(0);
    // Each invocation begins where the one before it ended, and nothing is parsed twice.
    expect(batches).toEqual([...new Set(batches)].sort((a, b) => a - b));
  });

  test('that terminates the parser neither loses nor duplicates a row', async () => {
    let deliveries = 0;
    cloud.begin({
      onDelivery: ({ functionName }) =>
        functionName.includes('parse') && ++deliveries <= 2
          ? { kind: 'time-limit', seconds: 0.05 }
          : undefined,
    });
    await cloud.drop(cloud.makeFile(2_500));
    await cloud.expectAccounted();
    expect(deliveries).toBeGreaterThan(2);
  });
});
