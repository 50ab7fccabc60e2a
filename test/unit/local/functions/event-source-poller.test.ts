import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { EventSourcePoller } from '../../../../local/functions/event-source-poller.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { SqsService } from '../../../../local/sqs/sqs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';

const parent = temporaryDir();

const SOURCE = { id: 'jobs', queueArn: modelQueue('jobs').arn, functionName: 'worker', maxConcurrency: 1 };

type Answer = (messageIds: readonly string[]) => unknown;

/** Delivers two messages to a function with this answer. @returns the number of messages that were not deleted */
async function deliver(answer: Answer): Promise<number> {
  const { engine, send, counts } = openQueues(mkdtempSync(join(parent, 'sqs-')), [modelQueue('jobs')]);
  const access = new AccessControl(() => undefined);
  const invoked = Promise.withResolvers<void>();
  const sqs = new SqsService(engine, access);
  for (const body of ['a', 'b']) await send('jobs', body);
  const poller = new EventSourcePoller({
    source: { ...SOURCE, batchSize: 10, windowSeconds: 0 },
    queueUrl: modelQueue('jobs').url,
    sqs,
    host: {
      invoke: async (event) => {
        const { Records } = event as { Records: { messageId: string }[] };
        setTimeout(invoked.resolve);
        return answer(Records.map(({ messageId }) => messageId));
      },
    },
    caller: access.findCaller('operator')!,
    onError: () => undefined,
  });
  poller.start();
  await invoked.promise;
  poller.stop();
  const [visible = 0, inFlight = 0] = await counts('jobs');
  engine.close();
  return visible + inFlight;
}

const failures = (...itemIdentifiers: (string | undefined)[]) => ({
  batchItemFailures: itemIdentifiers.map((itemIdentifier) => ({ itemIdentifier })),
});

test.each<[string, number, Answer]>([
  ['null', 0, () => null],
  ['undefined', 0, () => undefined],
  ['an empty object', 0, () => ({})],
  ['null as the failures', 0, () => ({ batchItemFailures: null })],
  ['no failures', 0, () => failures()],
  ['one failed message', 1, ([first]) => failures(first)],
  ['all messages failed', 2, (ids) => failures(...ids)],
  ['failures that are not a list', 2, () => ({ batchItemFailures: 'x' })],
  ['an unknown message id', 2, () => failures('unknown')],
  ['an unknown id next to a known one', 2, ([first]) => failures(first, 'unknown')],
  ['an entry without an id', 2, () => failures(undefined)],
  ['an entry that is null', 2, () => ({ batchItemFailures: [null] })],
])('a function that answers with %s leaves %i of 2 messages in the queue', async (_, left, answer) => {
  expect(await deliver(answer)).toBe(left);
});

describe('a batching window', () => {
  interface Deliveries {
    /** Bodies of the messages of each invocation. */
    readonly batches: string[][];
    readonly poller: EventSourcePoller;
    readonly send: (body: string) => Promise<unknown>;
    readonly counts: (queue: string) => Promise<number[]>;
  }

  /** Delivers the messages of a queue to a function that does nothing while a test runs. */
  async function whileDelivering(
    { batchSize, windowSeconds }: { batchSize: number; windowSeconds: number },
    first: readonly string[],
    run: (deliveries: Deliveries) => Promise<void>,
  ): Promise<void> {
    const { engine, send, counts } = openQueues(mkdtempSync(join(parent, 'sqs-')), [modelQueue('jobs')]);
    const access = new AccessControl(() => undefined);
    const batches: string[][] = [];
    for (const body of first) await send('jobs', body);
    const poller = new EventSourcePoller({
      source: { ...SOURCE, batchSize, windowSeconds },
      queueUrl: modelQueue('jobs').url,
      sqs: new SqsService(engine, access),
      host: {
        invoke: async (event) => {
          batches.push((event as { Records: { body: string }[] }).Records.map(({ body }) => body));
        },
      },
      caller: access.findCaller('operator')!,
      onError: (error) => batches.push([error.message]),
    });
    poller.start();
    try {
      await run({ batches, poller, send: (body) => send('jobs', body), counts });
    } finally {
      poller.stop();
      engine.close();
    }
  }

  it('gathers messages that come one after another, and all of them are deleted', async () => {
    const many = Array.from({ length: 25 }, (_, index) => `early-${index}`);
    await whileDelivering({ batchSize: 100, windowSeconds: 2 }, many, async ({ batches, send, counts }) => {
      await send('late');
      await expect.poll(() => batches.length, { timeout: 10_000 }).toBe(1);
      expect(batches[0]!.sort()).toEqual([...many, 'late'].sort());
      await expect.poll(() => counts('jobs')).toEqual([0, 0, 0]);
    });
  });

  it('ends when the batch is full', async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `${index}`);
    await whileDelivering({ batchSize: 12, windowSeconds: 300 }, bodies, async ({ batches }) => {
      await expect.poll(() => batches.map(({ length }) => length)).toEqual([12]);
    });
  });

  it('ends when the payload is full, and no event is above 6 MB', async () => {
    const bodies = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(1_000_000));
    await whileDelivering({ batchSize: 20, windowSeconds: 300 }, bodies, async ({ batches }) => {
      await expect.poll(() => batches.flat().length).toBe(10);
      expect(batches.map(({ length }) => length)).toEqual([6, 4]);
    });
  });

  it('does not deliver what has come before it ends', async () => {
    await whileDelivering(
      { batchSize: 20, windowSeconds: 300 },
      ['a'],
      async ({ batches, poller, counts }) => {
        await expect.poll(() => poller.isGathering).toBe(true);
        expect(batches).toEqual([]);
        expect(await counts('jobs')).toEqual([0, 1, 0]);
        poller.endWindows();
        await expect.poll(() => batches).toEqual([['a']]);
      },
    );
  });
});

test('an event of a queue without a window is not above 6 MB either', async () => {
  const sizes: number[] = [];
  const { engine, send } = openQueues(mkdtempSync(join(parent, 'sqs-')), [modelQueue('jobs')]);
  for (let index = 0; index < 10; index++) await send('jobs', '"'.repeat(500_000));
  const access = new AccessControl(() => undefined);
  const poller = new EventSourcePoller({
    source: { ...SOURCE, batchSize: 10, windowSeconds: 0 },
    queueUrl: modelQueue('jobs').url,
    sqs: new SqsService(engine, access),
    host: { invoke: async (event) => void sizes.push(JSON.stringify(event).length) },
    caller: access.findCaller('operator')!,
    onError: () => undefined,
  });
  poller.start();
  await expect.poll(() => sizes.length).toBe(2);
  poller.stop();
  engine.close();
  expect(Math.max(...sizes)).toBeLessThan(6 * 1024 ** 2);
});

test('a mapping that is stopped leaves messages to the next start', async () => {
  const { engine, send, counts } = openQueues(mkdtempSync(join(parent, 'sqs-')), [modelQueue('jobs')]);
  const access = new AccessControl(() => undefined);
  let invoked = 0;
  const poller = new EventSourcePoller({
    source: { ...SOURCE, batchSize: 10, windowSeconds: 0 },
    queueUrl: modelQueue('jobs').url,
    sqs: new SqsService(engine, access),
    host: { invoke: async () => void invoked++ },
    caller: access.findCaller('operator')!,
    onError: () => undefined,
  });
  poller.start();
  await new Promise(setImmediate);
  poller.stop();
  await send('jobs', 'a');
  await new Promise(setImmediate);
  expect([invoked, await counts('jobs')]).toEqual([0, [1, 0, 0]]);
  poller.start();
  await expect.poll(() => invoked).toBe(1);
  poller.stop();
  engine.close();
});
