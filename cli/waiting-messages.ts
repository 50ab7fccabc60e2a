import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { plural } from '../lambdas/core/plural.ts';
import type { CloudClient } from './cloud-client.ts';
import { formatNumber } from './output/table.ts';

type Client = Pick<CloudClient, 'sqs' | 'access'>;

/** Describes the files and the calls of the API that are in no upload yet; empty if there are none. */
export async function describeWaiting(client: Client): Promise<string> {
  const { uploadQueueUrl, callQueueUrl } = client.access.outputs;
  const queues = [
    [uploadQueueUrl, 'file'],
    [callQueueUrl, 'call'],
  ] as const;
  const parts = queues.map(async ([queueUrl, noun]) => {
    const count = await countMessages(client, queueUrl);
    return count === 0 ? [] : [`${formatNumber(count)} ${plural(count, noun)}`];
  });
  return (await Promise.all(parts)).flat().join(' and ');
}

/** Counts the messages of a queue, also those that are being handled. @param QueueUrl undefined if there is no such queue */
export async function countMessages({ sqs }: Client, QueueUrl: string | undefined): Promise<number> {
  if (QueueUrl === undefined) return 0;
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
  const { Attributes } = await sqs.send(request);
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}
