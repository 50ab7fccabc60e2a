import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EventSourcePoller } from '../../../../local/functions/event-source-poller.ts';
import { AccessControl } from '../../../../local/iam/access-control.ts';
import { SqsService } from '../../../../local/sqs/sqs-service.ts';
import { temporaryDir } from '../../../support/temporary-dir.ts';
import { modelQueue, openQueues } from '../open-queues.ts';

const parent = temporaryDir();

type Answer = (messageIds: readonly string[]) => unknown;

/** Delivers two messages to a function with this answer. @returns the number of messages that were not deleted */
async function deliver(answer: Answer): Promise<number> {
  const { engine, send, counts } = openQueues(mkdtempSync(join(parent, 'sqs-')), [modelQueue('jobs')]);
  const access = new AccessControl(() => undefined);
  const invoked = Promise.withResolvers<void>();
  const sqs = new SqsService(engine, access);
  for (const body of ['a', 'b']) await send('jobs', body);
  const poller = new EventSourcePoller({
    source: { queueArn: modelQueue('jobs').arn, functionName: 'worker', batchSize: 10, maxConcurrency: 1 },
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
