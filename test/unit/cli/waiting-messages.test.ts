import { expect, test } from 'vitest';
import type { CloudClient } from '../../../cli/cloud-client.ts';
import { describeWaiting } from '../../../cli/waiting-messages.ts';

/** A client of queues, each with messages that wait and messages that are being handled. */
function clientOf(queues: Readonly<Record<string, readonly [waiting: number, handled: number]>>) {
  const send = async ({ input }: { input: { QueueUrl: string } }) => {
    const [waiting, handled] = queues[input.QueueUrl]!.map(String);
    return {
      Attributes: { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: handled },
    };
  };
  const outputs = { uploadQueueUrl: 'files', ...('calls' in queues && { callQueueUrl: 'calls' }) };
  return { sqs: { send }, access: { outputs } } as unknown as CloudClient;
}

test.each([
  [{ files: [0, 0], calls: [0, 0] }, ''],
  [{ files: [0, 1] }, '1 file'],
  [{ files: [1_000, 1], calls: [1, 0] }, '1,001 files and 1 call'],
  [{ files: [0, 0], calls: [1, 1] }, '2 calls'],
] as const)('of the queues %j, %j are not loaded yet', async (queues, text) => {
  expect(await describeWaiting(clientOf(queues))).toBe(text);
});
