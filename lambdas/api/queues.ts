import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueCounts } from '../core/api-answers.ts';

/** A queue and its dead-letter queue. */
export interface QueuePair {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
}

/** Counts the messages of a queue, those that a function has, and those that could not be processed. */
export async function countMessages(
  sqs: SQSClient,
  { queueUrl, deadLetterQueueUrl }: QueuePair,
): Promise<QueueCounts> {
  const [queue, deadLetters] = await Promise.all(
    [queueUrl, deadLetterQueueUrl].map(async (QueueUrl) => {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
      return {
        waiting: Number(ApproximateNumberOfMessages),
        inProgress: Number(ApproximateNumberOfMessagesNotVisible),
      };
    }),
  );
  return { ...queue!, deadLetters: deadLetters!.waiting + deadLetters!.inProgress };
}
