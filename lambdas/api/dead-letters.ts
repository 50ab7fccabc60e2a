import type { DeadLetter, DeadLettersAnswer, RedriveAnswer } from '../core/api-answers.ts';
import {
  type LetterSource,
  QUEUES,
  type ReceivedLetter,
  receiveLetters,
  sendBack,
  showLetters,
} from '../shared/dead-letters.ts';
import { answerJson, ProblemError } from './problem.ts';
import { countMessages } from './queues.ts';
import { parseJson, readText } from './read-body.ts';
import type { ApiResources, Handler } from './resources.ts';
import { describeIssues, RedriveRequest } from './schemas.ts';

/** Messages of each queue in an answer. */
const MAX_LISTED = 10;
/** Messages that a call looks at: it ends before API Gateway gives up, after 30 seconds. */
const MAX_RECEIVED = 200;
/** Time for which others do not see the messages that a call looks at. */
const HIDDEN_SECONDS = 30;

/** `GET /dead-letters`. An empty queue is counted and not read. */
export const listDeadLetters: Handler = async (_event, resources) => {
  const queues = QUEUES.map(async (queue): Promise<DeadLettersAnswer['queues'][number]> => {
    const { deadLetters: count } = await countMessages(resources.sqs, resources.queues[queue]);
    if (count === 0) return { queue, count, letters: [] };
    const letters = await withLetters(resources, sourceOf(resources, queue), MAX_LISTED, async (received) =>
      received.map(({ letter }) => letter),
    );
    return { queue, count, letters };
  });
  return answerJson(200, { queues: await Promise.all(queues) } satisfies DeadLettersAnswer);
};

/** `POST /dead-letters/{queue}/redrive`: all messages of a queue, or those with the ids of the body. */
export const redriveDeadLetters: Handler = async (event, resources) => {
  const queue = QUEUES.find((name) => name === event.pathParameters?.queue);
  if (queue === undefined) {
    throw new ProblemError('not-found', `There is no such queue. The queues are ${QUEUES.join(', ')}.`);
  }
  const { success, data, error } = RedriveRequest.safeParse(parseJson(readText(event, ['application/json'])));
  if (!success) throw new ProblemError('body-invalid', `Correct the body: ${describeIssues(error.issues)}.`);
  const answer = await withLetters(
    resources,
    sourceOf(resources, queue),
    MAX_RECEIVED,
    async (received): Promise<RedriveAnswer> => {
      const chosen = received.filter(({ letter }) => data.messages?.includes(letter.id) ?? true);
      const sent: DeadLetter[] = [];
      for (const letter of chosen) {
        await sendBack(resources.sqs, letter);
        sent.push(letter.letter);
      }
      return { sent, hasMore: received.length === MAX_RECEIVED };
    },
  );
  return answerJson(200, answer);
};

function sourceOf({ queues }: ApiResources, queue: LetterSource['queue']): LetterSource {
  return { queue, ...queues[queue] };
}

/** Receives messages, and lets others see those that are left after `work`. */
async function withLetters<Result>(
  { sqs }: ApiResources,
  source: LetterSource,
  max: number,
  work: (received: readonly ReceivedLetter[]) => Promise<Result>,
): Promise<Result> {
  const received: ReceivedLetter[] = [];
  try {
    for await (const letter of receiveLetters(sqs, source, HIDDEN_SECONDS)) {
      received.push(letter);
      if (received.length === max) break;
    }
    return await work(received);
  } finally {
    await showLetters(sqs, received);
  }
}
