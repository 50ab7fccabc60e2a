import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { plural } from '../lambdas/core/plural.ts';
import { listUploads } from '../lambdas/shared/list-uploads.ts';
import type { CloudClient } from './cloud-client.ts';
import { formatNumber } from './output/table.ts';

/** Describes the files and the calls of the API that are in no upload yet; empty if there are none. */
export async function describeWaiting(client: CloudClient): Promise<string> {
  const counts = [
    [await countFiles(client), 'file'],
    [await countMessages(client, client.access.outputs.callQueueUrl), 'call'],
  ] as const;
  return counts
    .flatMap(([count, noun]) => (count === 0 ? [] : [`${formatNumber(count)} ${plural(count, noun)}`]))
    .join(' and ');
}

async function countFiles(client: CloudClient): Promise<number> {
  const messages = await countMessages(client, client.access.outputs.uploadQueueUrl);
  if (messages === 0) return 0;
  // The message of a file that is loaded may still be there, if the pipeline was stopped before it deleted the message.
  let unread = 0;
  for await (const { objects } of listUploads(client.s3, client.bucket)) {
    const [found] = await client.query(
      `SELECT count(*) AS unread FROM json_to_recordset(CAST(:objects AS json)) AS o (key text, "versionId" text)
       WHERE NOT EXISTS (SELECT FROM ledger.uploads AS u WHERE u.bucket = :bucket
         AND u.object_key = o.key AND u.version_id = o."versionId")`,
      { objects: JSON.stringify(objects), bucket: client.bucket },
    );
    unread += Number(found?.unread);
  }
  return Math.min(messages, unread);
}

/** Counts the messages of a queue, also those that are being handled. @param QueueUrl undefined if there is no such queue */
export async function countMessages({ sqs }: CloudClient, QueueUrl: string | undefined): Promise<number> {
  if (QueueUrl === undefined) return 0;
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] });
  const { Attributes } = await sqs.send(request);
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}
