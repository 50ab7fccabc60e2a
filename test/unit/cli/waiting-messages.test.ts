import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { describeWaiting } from '../../../cli/waiting-messages.ts';

type Queue = readonly [waiting: number, handled: number];

/** A client of queues, and of a bucket with files that the ledger does not have. */
function clientOf({ files, calls }: { files: Queue; calls?: Queue }, unread: number): CloudClient {
  const send = async ({ input: { QueueUrl } }: { input: { QueueUrl: string } }) => {
    const [waiting, handled] = (QueueUrl === 'files' ? files : calls)!;
    return {
      Attributes: {
        ApproximateNumberOfMessages: String(waiting),
        ApproximateNumberOfMessagesNotVisible: String(handled),
      },
    };
  };
  const outputs = { uploadQueueUrl: 'files', ...(calls && { callQueueUrl: 'calls' }) };
  const client = {
    sqs: { send },
    s3: { send: async () => ({}) },
    query: async () => [{ unread }],
    access: { outputs },
  };
  return client as unknown as CloudClient;
}

test.each([
  [{ files: [0, 0], calls: [0, 0] }, 1, ''],
  [{ files: [0, 1] }, 1, '1 file'],
  [{ files: [1_000, 1], calls: [1, 0] }, 2_000, '1,001 files and 1 call'],
  [{ files: [0, 0], calls: [1, 1] }, 0, '2 calls'],
] as const)(
  'of the queues %j and %i files that were not read, %j are still to be loaded',
  async (queues, unread, text) => {
    expect(await describeWaiting(clientOf(queues, unread))).toBe(text);
  },
);

test('the message of a file that is loaded does not count', async () => {
  expect(await describeWaiting(clientOf({ files: [0, 1] }, 0))).toBe('');
});
