import { QUEUES, type ReceivedLetter, receiveLetters, showLetters } from '../lambdas/shared/dead-letters.ts';
import type { CloudClient } from './cloud-client.ts';
import { UserError } from './exit-codes.ts';

/** Time for which the received messages are invisible to other readers. */
const HIDDEN_SECONDS = 60;

/** @throws {UserError} unless exactly one message matches each id */
export function chooseLetters(received: readonly ReceivedLetter[], ids: readonly string[]): ReceivedLetter[] {
  const wanted = ids.map((start) => {
    const [found, ...others] = received.filter(({ letter }) => letter.id.startsWith(start));
    if (found !== undefined && others.length === 0) return found;
    const what = found === undefined ? 'no dead-letter message has' : `${others.length + 1} messages have`;
    throw new UserError(`${what} an id that begins with "${start}": nothing was changed`);
  });
  return received.filter((letter) => wanted.includes(letter));
}

/** Receives the dead-letter messages of all queues, and makes those that are left after `work` visible again. */
export async function withDeadLetters<Result>(
  { sqs, access: { outputs } }: CloudClient,
  work: (received: readonly ReceivedLetter[]) => Promise<Result>,
): Promise<Result> {
  const { callQueueUrl, callDeadLetterQueueUrl } = outputs;
  const urls = {
    calls: [callQueueUrl, callDeadLetterQueueUrl],
    uploads: [outputs.uploadQueueUrl, outputs.uploadDeadLetterQueueUrl],
    rows: [outputs.rowQueueUrl, outputs.rowDeadLetterQueueUrl],
    notices: [outputs.noticeQueueUrl, outputs.noticeDeadLetterQueueUrl],
  } as const;
  const received = QUEUES.map((): ReceivedLetter[] => []);
  try {
    await Promise.all(
      QUEUES.map(async (queue, index) => {
        const [queueUrl, deadLetterQueueUrl] = urls[queue];
        if (queueUrl === undefined || deadLetterQueueUrl === undefined) return;
        const source = { queue, queueUrl, deadLetterQueueUrl };
        for await (const letter of receiveLetters(sqs, source, HIDDEN_SECONDS)) received[index]!.push(letter);
      }),
    );
    return await work(received.flat());
  } finally {
    for (const letters of received) await showLetters(sqs, letters);
  }
}
